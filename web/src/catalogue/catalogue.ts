// The catalogue with what the application looks up in it.
import type { CatalogueFile, Legend, LegendClass, Module, Population, Product, PublishedFile } from './types'

const FORMAT = 'wildways-catalogue/1'
export const RELEASE_FOLDER = 'release/'

/** A population with its module; `key` is `MODULE.POPULATION`, unique in the atlas. */
export interface Place {
  key: string
  module: Module
  population: Population
  products: Product[]
}

/** A product that the map can draw. */
export interface Layer {
  product: Product
  legend: Legend
  tiles: PublishedFile
}

export class Catalogue {
  readonly places: Place[]
  readonly layers: Layer[]
  readonly #places: Map<string, Place>
  readonly #products: Map<string, Product>

  constructor(readonly file: CatalogueFile) {
    this.#products = new Map(file.products.map(product => [product.id, product]))
    this.places = file.modules.flatMap(module => module.populations.map(population => this.#place(module, population)))
    this.#places = new Map(this.places.map(place => [place.key, place]))
    this.layers = file.products.flatMap(asLayer).sort((a, b) => a.legend.order - b.legend.order)
  }

  place(key: string | null): Place | null {
    return this.#places.get(key ?? '') ?? null
  }

  product(id: string): Product | null {
    return this.#products.get(id) ?? null
  }

  placeOf(product: Product): Place | null {
    return this.place(placeKey(product))
  }

  isSimulated(product?: Product): boolean {
    return this.file.atlas.simulated || (product?.simulated ?? false)
  }

  #place(module: Module, population: Population): Place {
    const products = population.products.flatMap(id => this.#products.get(id) ?? [])
    return { key: `${module.id}.${population.id}`, module, population, products }
  }
}

export const placeKey = (product: Product): string => `${product.module}.${product.population}`

export const classOf = (product: Product, value: string | null): LegendClass | null =>
  product.legend?.classes.find(entry => entry.value === value) ?? null

/** Address of a file of the release, wherever the page is hosted. */
export const releaseAddress = (path: string): string => new URL(RELEASE_FOLDER + path, document.baseURI).href

/** Fetch `catalogue.json`; rejects when it is missing or of a format this application does not know. */
export async function loadCatalogue(): Promise<Catalogue> {
  const response = await fetch(releaseAddress('catalogue.json'))
  if (!response.ok) throw new Error(`catalogue.json: HTTP ${response.status}`)
  const file = (await response.json()) as CatalogueFile
  if (file.format !== FORMAT) throw new Error(`catalogue.json: ${file.format}`)
  return new Catalogue(file)
}

function asLayer(product: Product): Layer[] {
  const tiles = product.files.find(file => file.role === 'tiles')
  return product.kind === 'features' && product.legend && tiles ? [{ product, legend: product.legend, tiles }] : []
}
