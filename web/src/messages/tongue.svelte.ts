// The language in use: words of the application, texts of the catalogue, numbers and dates.
import type { Text } from '../catalogue/types'
import { en, type Messages } from './en'

type Key = keyof Messages
type Values = Record<string, string | number>
type Countable = { [K in Key]: K extends `${infer Stem}_other` ? Stem : never }[Key]

const CATALOGUES: Record<string, () => Promise<Messages>> = {
  fr: async () => (await import('./fr')).fr,
  es: async () => (await import('./es')).es,
}
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur'])

class Tongue {
  /** Language of the catalogue's texts and of the map's labels. */
  language = $state('en')
  /** Language of the application's own words: the same where there is a catalogue, otherwise English. */
  words = $state('en')
  #messages = $state.raw<Messages>(en)
  #fallback = 'en'

  /** English is that of the United Nations. */
  get #locale(): string {
    return this.words === 'en' ? 'en-GB' : this.words
  }

  /** Change to `language`; `fallback` is the atlas's first language. */
  async use(language: string, fallback: string): Promise<void> {
    this.#fallback = fallback
    const base = language.split('-')[0] ?? language
    const messages = (await CATALOGUES[base]?.()) ?? en
    this.language = language
    this.words = messages === en ? 'en' : base
    this.#messages = messages
    document.documentElement.lang = this.words
  }

  /** One of the application's own texts, with {names} filled in. */
  t = (key: Key, values: Values = {}): string =>
    this.#messages[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))

  /** A text that depends on a number: `3 animals`. */
  count = (stem: Countable, n: number): string => {
    const rule = new Intl.PluralRules(this.words).select(n) === 'one' ? 'one' : 'other'
    return this.t(`${stem}_${rule}`, { n: this.number(n) })
  }

  /** A text of the catalogue in the best language it has. */
  say = (text: Text | null | undefined): string => {
    if (!text) return ''
    const base = this.language.split('-')[0] ?? ''
    return text[this.language] ?? text[base] ?? text[this.#fallback] ?? text['en'] ?? Object.values(text)[0] ?? ''
  }

  /** A number as people write it: years without a separator, small shares with three digits. */
  number = (value: number): string => {
    const digits = Math.abs(value) < 1 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 2 }
    return new Intl.NumberFormat(this.#locale, { useGrouping: 'min2', ...digits }).format(value)
  }

  /** A day in UTC. */
  date = (iso: string): string =>
    new Intl.DateTimeFormat(this.#locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(iso))

  /** Size of a file in decimal units. */
  size = (bytes: number): string => {
    const [unit, scale] = bytes < 1e6 ? ['kilobyte', 1e3] : bytes < 1e9 ? ['megabyte', 1e6] : ['gigabyte', 1e9]
    const style = { style: 'unit', unit, maximumSignificantDigits: 2 } as const
    return new Intl.NumberFormat(this.#locale, style).format(Math.max(bytes / (scale as number), 0.1))
  }

  /** Name of a language in itself. */
  nameOf = (language: string): string => {
    const name = new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language
    return name.charAt(0).toLocaleUpperCase(language) + name.slice(1)
  }

  directionOf = (language: string): 'ltr' | 'rtl' => (RIGHT_TO_LEFT.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr')
}

export const tongue = new Tongue()
