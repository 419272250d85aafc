// What the reader looks at: place, visible layers, selection, camera. Kept in step with the page's address.
import { classOf, type Catalogue, type Layer, type Place } from '../catalogue/catalogue'
import type { LegendClass, Product } from '../catalogue/types'
import { tongue } from '../messages/tongue.svelte'
import { readAddress, writeAddress, type Address, type Camera, type Selection } from './address'

/** Properties of a feature as the tiles hold them. */
export type FeatureProperties = Record<string, string | number | boolean | null>

/** A selection with what is known of it. */
export interface Subject {
  selection: Selection
  product: Product
  place: Place | null
  entry: LegendClass | null
}

/** A feature under the pointer. */
export interface Hit {
  selection: Selection
  properties: FeatureProperties
}

export class View {
  place = $state.raw<Place | null>(null)
  selection = $state.raw<Selection | null>(null)
  /** Properties of the selected feature, once the map has found it. */
  properties = $state.raw<FeatureProperties | null>(null)
  /** What else lies where the reader clicked. */
  alsoHere = $state.raw<Hit[]>([])
  /** Messages in plain words about what could not be loaded. */
  notices = $state.raw<string[]>([])
  camera = $state.raw<Camera | null>(null)
  /** Counts requests to show the place anew; the map flies there when it changes. */
  flights = $state(0)
  #on = $state.raw<string[]>([])
  #off = $state.raw<string[]>([])
  #language = $state.raw<string | null>(null)
  readonly #ownLanguage: string

  constructor(readonly catalogue: Catalogue) {
    this.#ownLanguage = preferredLanguage(this.languages)
    this.#restore(readAddress(location.hash))
  }

  get languages(): string[] {
    return this.catalogue.file.atlas.languages
  }

  get language(): string {
    return this.#language ?? this.#ownLanguage
  }

  subject: Subject | null = $derived.by(() => this.#subjectOf(this.selection))

  /** Follow the back and forward buttons; returns how to stop. */
  follow(): () => void {
    const restore = (): void => {
      this.#restore(readAddress(location.hash))
      this.#speak()
    }
    addEventListener('popstate', restore)
    return () => removeEventListener('popstate', restore)
  }

  open(place: Place | null): void {
    this.place = place
    this.camera = null
    this.flights += 1
    this.#choose(null)
    this.#remember('push')
  }

  select(selection: Selection, properties: FeatureProperties | null = null, alsoHere: Hit[] = []): void {
    const product = this.catalogue.product(selection.product)
    if (!product) return
    if (this.place) this.place = this.catalogue.placeOf(product) ?? this.place
    const layer = this.catalogue.layers.find(each => each.product === product)
    if (layer && !this.isShown(layer)) this.#flip(layer)
    this.#choose(selection, properties, alsoHere)
    this.#remember('push')
  }

  close(): void {
    if (!this.selection) return
    this.#choose(null)
    this.#remember('push')
  }

  isShown(layer: Layer): boolean {
    const id = layer.product.id
    return layer.legend.visible ? !this.#off.includes(id) : this.#on.includes(id)
  }

  toggle(layer: Layer): void {
    this.#flip(layer)
    this.#remember('push')
  }

  moved(camera: Camera): void {
    this.camera = camera
    this.#remember('replace')
  }

  /** The map has found the selected feature; its class is what it says itself. */
  found(properties: FeatureProperties): void {
    this.properties = properties
    const value = properties['class'] ?? null
    if (this.selection && value !== this.selection.class) {
      this.selection = { ...this.selection, class: value === null ? null : String(value) }
      this.#remember('replace')
    }
  }

  async speak(language: string): Promise<void> {
    this.#language = language
    this.#remember('push')
    await this.#speak()
  }

  /** Address of the page with another place: what a link to it holds. */
  linkTo(place: Place | null): string {
    return writeAddress({ ...this.#address(), place: place?.key ?? null, selection: null, camera: null })
  }

  notice(text: string): void {
    if (!this.notices.includes(text)) this.notices = [...this.notices, text]
  }

  async #speak(): Promise<void> {
    await tongue.use(this.language, this.languages[0] ?? 'en')
  }

  #flip(layer: Layer): void {
    const id = layer.product.id
    const flip = (list: string[]): string[] => (list.includes(id) ? list.filter(each => each !== id) : [...list, id])
    if (layer.legend.visible) this.#off = flip(this.#off)
    else this.#on = flip(this.#on)
  }

  #choose(selection: Selection | null, properties: FeatureProperties | null = null, alsoHere: Hit[] = []): void {
    this.selection = selection
    this.properties = properties
    this.alsoHere = alsoHere
  }

  #subjectOf(selection: Selection | null): Subject | null {
    const product = this.catalogue.product(selection?.product ?? '')
    if (!selection || !product) return null
    return { selection, product, place: this.catalogue.placeOf(product), entry: classOf(product, selection.class) }
  }

  #address(): Address {
    const { selection, camera } = this
    const place = this.place?.key ?? null
    return { place, on: this.#on, off: this.#off, selection, camera, language: this.#language }
  }

  #restore(address: Address): void {
    this.place = this.catalogue.place(address.place)
    this.#on = address.on
    this.#off = address.off
    this.#choose(this.#subjectOf(address.selection)?.selection ?? null)
    this.#language = this.languages.includes(address.language ?? '') ? address.language : null
    this.camera = address.camera
    this.flights += 1
  }

  #remember(how: 'push' | 'replace'): void {
    const hash = writeAddress(this.#address())
    if (hash === (location.hash || '#')) return
    const address = hash === '#' ? location.pathname + location.search : hash
    if (how === 'push') history.pushState(null, '', address)
    else history.replaceState(null, '', address)
  }
}

/** What the server chose for this reader, else what the browser asks for, else the atlas's first language. */
function preferredLanguage(offered: string[]): string {
  const base = (language: string): string => language.split('-')[0] ?? language
  const wanted = [document.documentElement.lang, ...navigator.languages].map(base)
  return wanted.flatMap(each => offered.find(language => base(language) === each) ?? [])[0] ?? offered[0] ?? 'en'
}
