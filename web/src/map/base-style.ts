// The base map: Natural Earth from one archive beside the page.
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'
import { LABEL_FONT } from './fonts'
import { token } from './tokens'

export const BASE_SOURCE = 'basemap'
/** Products' areas go below the first, their lines and points below the second. */
export const BELOW_BOUNDARIES = 'boundaries'
export const BELOW_LABELS = 'country-labels'

const LANGUAGES = new Set(['en', 'fr', 'es', 'ru', 'ar', 'zh'])
const LABEL_SIZES = [15, 14, 13, 12, 11, 10.5]

export function baseStyle(language: string): StyleSpecification {
  const address = new URL('basemap/basemap.pmtiles', document.baseURI).href
  return {
    version: 8,
    sources: { [BASE_SOURCE]: { type: 'vector', url: `pmtiles://${address}` } },
    layers: [
      { id: 'water', type: 'background', paint: { 'background-color': token('map-water') } },
      fill('countries', 'map-land'),
      fill('lakes', 'map-water'),
      rivers(),
      boundaries('boundaries', 'agreed'),
      boundaries('boundaries-dashed', 'dashed'),
      countryLabels(language),
    ],
  }
}

/** Name of a country in `language`, or in English. */
export function labelText(language: string): ExpressionSpecification {
  const base = language.split('-')[0] ?? 'en'
  return ['get', `name_${LANGUAGES.has(base) ? base : 'en'}`]
}

function fill(layer: string, colour: string): LayerSpecification {
  return { id: layer, type: 'fill', source: BASE_SOURCE, 'source-layer': layer, paint: { 'fill-color': token(colour) } }
}

function rivers(): LayerSpecification {
  const width: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 1, 0.3, 4, 0.7, 9, 1.8]
  const paint = { 'line-color': token('map-river'), 'line-width': width }
  return { id: 'rivers', type: 'line', source: BASE_SOURCE, 'source-layer': 'rivers', minzoom: 2, paint }
}

function boundaries(id: string, status: string): LayerSpecification {
  const width: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 1, 0.5, 5, 1, 9, 1.6]
  const paint = { 'line-color': token('map-boundary'), 'line-width': width }
  return {
    id,
    type: 'line',
    source: BASE_SOURCE,
    'source-layer': 'boundaries',
    filter: ['==', ['get', 'status'], status],
    layout: { 'line-join': 'round' },
    paint: status === 'dashed' ? { ...paint, 'line-dasharray': [2.5, 2.5] } : paint,
  }
}

function countryLabels(language: string): LayerSpecification {
  const size: ExpressionSpecification = ['at', ['get', 'rank'], ['literal', LABEL_SIZES]]
  return {
    id: BELOW_LABELS,
    type: 'symbol',
    source: BASE_SOURCE,
    'source-layer': 'labels',
    layout: {
      'text-field': labelText(language),
      'text-font': LABEL_FONT,
      'text-size': ['interpolate', ['linear'], ['zoom'], 1, ['*', 0.8, size], 6, ['*', 1.15, size]],
      'text-max-width': 7,
      'text-padding': 6,
      'symbol-sort-key': ['get', 'rank'],
    },
    paint: { 'text-color': token('map-label'), 'text-halo-color': token('map-label-halo'), 'text-halo-width': 1.2 },
  }
}
