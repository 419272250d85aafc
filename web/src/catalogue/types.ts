// The catalogue of a release as JSON: mirrors `wildways.model.product`.

/** Text by BCP 47 language. */
export type Text = Record<string, string>
/** West, south, east, north in degrees. */
export type Box = [number, number, number, number]
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export interface LegendClass {
  value: string
  label: Text
  rule: Text
  colour: string
}

export interface Legend {
  geometry: 'polygon' | 'line' | 'point' | 'raster'
  classes: LegendClass[]
  opacity: number
  visible: boolean
  order: number
}

export interface Property {
  name: string
  label: Text
  unit: string
}

export interface Method {
  name: string
  statement: Text
  parameters: Record<string, Json>
  references: string[]
  code_version: string
}

export interface Inputs {
  snapshot: number
  sources: string[]
  source_files: string[]
  windows_sha256: string | null
}

export interface Sample {
  n_animals: number
  n_sequences: number
  n_fixes: number
  years: number[]
  first_utc: string | null
  last_utc: string | null
}

export interface PublishedFile {
  role: string
  path: string
  bytes: number
  sha256: string
  media_type: string
  layer: string | null
  min_zoom: number | null
  max_zoom: number | null
}

export interface PublishedSource {
  id: string
  owner: string
  citation: string
  licence: string
}

export interface Product {
  id: string
  module: string
  population: string
  role: string
  kind: 'features' | 'raster' | 'table'
  derivation: string
  title: Text
  taxon: string
  bbox: Box | null
  legend: Legend | null
  properties: Property[]
  method: Method
  inputs: Inputs
  sample: Sample
  caveats: Text[]
  simulated: boolean
  created_utc: string
  files: PublishedFile[]
  sources: PublishedSource[]
  licence: string
}

export interface Population {
  id: string
  title: Text
  taxon: string
  bbox: Box | null
  products: string[]
}

export interface Module {
  id: string
  title: Text
  summary: Text | null
  taxa: string[]
  contact: string
  citation: string
  populations: Population[]
}

export interface AtlasHeader {
  id: string
  title: Text
  summary: Text | null
  publisher: string
  contact: string
  licence: string
  languages: string[]
  simulated: boolean
}

export interface CatalogueFile {
  format: string
  release: string
  created_utc: string
  code_version: string
  atlas: AtlasHeader
  modules: Module[]
  products: Product[]
  withheld: { product: string; reason: Text }[]
}
