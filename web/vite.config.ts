// How the web application is built: into the Python package, with addresses relative to the page.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

/** Servers know `.js`; not all know `.mjs`. */
const assetName = (names: string[]): string =>
  names.some(name => name.endsWith('.mjs')) ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]'

export default defineConfig({
  base: './',
  plugins: [svelte()],
  build: {
    outDir: '../src/wildways/server/static',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { output: { assetFileNames: asset => assetName(asset.names) } },
  },
})
