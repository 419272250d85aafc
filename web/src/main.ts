// Starts the application: the catalogue first, then the page takes the place of its plain text.
import './styles/fonts.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/text.css'
import { mount } from 'svelte'
import App from './app/App.svelte'
import { loadCatalogue } from './catalogue/catalogue'
import { tongue } from './messages/tongue.svelte'
import { View } from './state/view.svelte'

async function start(): Promise<void> {
  const text = document.getElementById('text')
  const target = document.getElementById('app')
  if (!text || !target) return
  try {
    const view = new View(await loadCatalogue())
    await tongue.use(view.language, view.languages[0] ?? 'en')
    text.remove()
    mount(App, { target, props: { view } })
  } catch (error) {
    console.error(error)
    explain(text)
  }
}

/** Without a catalogue the text of the page stays, under a note that says so. */
function explain(text: HTMLElement): void {
  const note = document.createElement('p')
  note.className = 'notice'
  note.setAttribute('role', 'alert')
  note.textContent = tongue.t('error_catalogue')
  text.prepend(note)
}

void start()
