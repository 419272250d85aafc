// How the web application is built: into the Python package, with addresses relative to the page.
import { readFileSync } from 'node:fs'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

/** Servers know `.js`; not all know `.mjs`. */
const assetName = (names: string[]): string =>
  names.some(name => name.endsWith('.mjs')) ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]'

/** The fonts' licence goes where the fonts go. */
const fontLicence: Plugin = {
  name: 'font-licence',
  generateBundle() {
    const source = readFileSync('node_modules/@fontsource/noto-sans/LICENSE', 'utf8')
    this.emitFile({ type: 'asset', fileName: 'licence-noto-sans.txt', source })
  },
}

export default defineConfig({
  base: './',
  plugins: [svelte(), fontLicence],
  build: {
    outDir: '../src/wildways/server/static',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    license: { fileName: 'licences.md' },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { output: { assetFileNames: asset => assetName(asset.names) } },
  },
})
