// Sentences and figures about products that several parts of the page show.
import { tongue } from '../messages/tongue.svelte'
import { classOf, type Place } from './catalogue'
import type { Json, Product, PublishedFile } from './types'

const FILE_NAMES = {
  geoparquet: 'file_geoparquet',
  geopackage: 'file_geopackage',
  cog: 'file_cog',
  csv: 'file_csv',
  parquet: 'file_parquet',
  tiles: 'file_tiles',
} as const
const MONTH_MS = 30.44 * 86_400_000

/** `2006, 2007, 2009` as `2006–2007, 2009`. */
export function yearRanges(years: number[]): string {
  const ranges: [number, number][] = []
  for (const year of years) {
    const last = ranges.at(-1)
    if (last && year === last[1] + 1) last[1] = year
    else ranges.push([year, year])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}\u2060–\u2060${last}`)).join(', ')
}

/** How long ago a moment was, in months for the last two years. */
export function age(iso: string, now = Date.now()): string {
  const months = Math.max(0, Math.floor((now - Date.parse(iso)) / MONTH_MS))
  return months < 24 ? tongue.count('age_months', months) : tongue.count('age_years', Math.floor(months / 12))
}

/** The product of a place with the most animals behind it: what the place is summed up by. */
export function mainProduct(place: Place): Product | null {
  return place.products.reduce<Product | null>(
    (best, product) => (best && best.sample.n_animals >= product.sample.n_animals ? best : product),
    null,
  )
}

/** `15 animals · 2006–2009`. */
export function sampleLine(product: Product): string {
  const { n_animals, years } = product.sample
  return [tongue.count('animals', n_animals), yearRanges(years)].filter(Boolean).join(' · ')
}

export function fileName(file: PublishedFile): string {
  const key = FILE_NAMES[file.role as keyof typeof FILE_NAMES] as (typeof FILE_NAMES)[keyof typeof FILE_NAMES] | undefined
  return key ? tongue.t(key) : file.path
}

/** `Migration corridors: High use`, or the product alone. */
export function selectionName(product: Product, value: string | null): string {
  const entry = classOf(product, value)
  return [tongue.say(product.title), tongue.say(entry?.label)].filter(Boolean).join(': ')
}

/** Address of a licence's text, where its SPDX identifier stands for one. */
export const licenceAddress = (id: string): string | null =>
  /^(NOASSERTION|NONE|LicenseRef-.*)$/.test(id) || !/^[\w.+-]+$/.test(id) ? null : `https://spdx.org/licenses/${id}.html`

export const licenceName = (id: string): string => (id === 'NOASSERTION' || id === '' ? tongue.t('unknown') : id)

/** A parameter of a method, or a property of a feature, as text. */
export function valueText(value: Json | undefined): string {
  if (value === null || value === undefined || value === '') return tongue.t('not_set')
  if (typeof value === 'boolean') return tongue.t(value ? 'yes' : 'no')
  if (typeof value === 'number') return tongue.number(value)
  if (Array.isArray(value)) return value.length > 0 ? value.map(valueText).join(', ') : tongue.t('not_set')
  if (typeof value === 'object') return Object.entries(value).map(([key, each]) => `${key} ${valueText(each)}`).join(', ')
  return /^\d{4}-\d{2}-\d{2}(T|$)/.test(value) ? tongue.date(value) : value
}
