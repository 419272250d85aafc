// From a product's legend to map layers: colours, order and opacity are the legend's.
import type { ExpressionSpecification, LayerSpecification, VectorSourceSpecification } from 'maplibre-gl'
import { releaseAddress, type Layer } from '../catalogue/catalogue'
import type { Selection } from '../state/address'
import { BELOW_BOUNDARIES, BELOW_LABELS } from './base-style'
import { token } from './tokens'

/** How much of a layer is left when the reader looks at another population. */
const DIMMED = 0.3
const OUTLINE = 0.35
const DEFAULT_COLOUR = '#777777'

/** The tiles of a product; nothing is fetched before one of its tiles is in view. */
export function productSource({ product, tiles }: Layer): VectorSourceSpecification {
  const address = `pmtiles://${releaseAddress(tiles.path)}`
  if (tiles.min_zoom === null || tiles.max_zoom === null) return { type: 'vector', url: address }
  const box = product.bbox
  const bounds = box && box[0] <= box[2] ? { bounds: box } : {}
  return { type: 'vector', tiles: [`${address}/{z}/{x}/{y}`], minzoom: tiles.min_zoom, maxzoom: tiles.max_zoom, ...bounds }
}

export const layerIds = ({ product, legend }: Layer): string[] =>
  (legend.geometry === 'polygon' ? ['fill', 'outline'] : ['shape']).map(part => `${product.id}/${part}`)

/** The name a layer of the map answers to in clicks: only one of a product's layers does. */
export const clickableId = (layer: Layer): string => layerIds(layer)[0] ?? ''

export const insertBelow = ({ legend }: Layer): string => (legend.geometry === 'polygon' ? BELOW_BOUNDARIES : BELOW_LABELS)

/** The map layers of a product, lowest first. */
export function productLayers(layer: Layer): LayerSpecification[] {
  const { product, legend, tiles } = layer
  const common = { source: product.id, 'source-layer': tiles.layer ?? product.role }
  const [first = '', second = ''] = layerIds(layer)
  const colour = classColour(layer)
  const order = classOrder(layer)
  if (legend.geometry === 'polygon') {
    const width: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 3, 0.6, 9, 1.2]
    return [
      { ...common, id: first, type: 'fill', layout: { 'fill-sort-key': order }, paint: { 'fill-color': colour, 'fill-antialias': false } },
      { ...common, id: second, type: 'line', layout: { 'line-sort-key': order }, paint: { 'line-color': colour, 'line-width': width } },
    ]
  }
  if (legend.geometry === 'line') {
    const width: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 2, 0.8, 6, 1.4, 11, 3]
    const layout = { 'line-join': 'round', 'line-cap': 'round', 'line-sort-key': order } as const
    return [{ ...common, id: first, type: 'line', layout, paint: { 'line-color': colour, 'line-width': width } }]
  }
  const radius: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 2, 2, 8, 5]
  const ring = { 'circle-stroke-color': token('map-marker-ring'), 'circle-stroke-width': 1 }
  const paint = { 'circle-color': colour, 'circle-radius': radius, ...ring }
  return [{ ...common, id: first, type: 'circle', layout: { 'circle-sort-key': order }, paint }]
}

type Opacity = 'fill-opacity' | 'line-opacity' | 'circle-opacity' | 'circle-stroke-opacity'

/** Opacity of each map layer of a product: paint property and value. */
export function opacities(layer: Layer, isDimmed: boolean): [id: string, property: Opacity, value: number][] {
  const opacity = layer.legend.opacity * (isDimmed ? DIMMED : 1)
  const [first = '', second = ''] = layerIds(layer)
  switch (layer.legend.geometry) {
    case 'polygon':
      return [[first, 'fill-opacity', opacity], [second, 'line-opacity', OUTLINE * opacity]]
    case 'line':
      return [[first, 'line-opacity', opacity]]
    default:
      return [[first, 'circle-opacity', opacity], [first, 'circle-stroke-opacity', opacity]]
  }
}

/** Lines around what is selected: a feature, or all features of a class. */
export function selectionLayers(layer: Layer, selection: Selection): LayerSpecification[] {
  const filter = selectionFilter(selection)
  if (!filter) return []
  const common = { source: layer.product.id, 'source-layer': layer.tiles.layer ?? layer.product.role, filter }
  if (layer.legend.geometry === 'point') {
    const paint = { 'circle-opacity': 0, 'circle-radius': 9, 'circle-stroke-width': 2.5, 'circle-stroke-color': token('map-selected') }
    return [{ ...common, id: 'selected', type: 'circle', paint }]
  }
  const line = (id: string, colour: string, width: number): LayerSpecification => ({
    ...common, id, type: 'line', layout: { 'line-join': 'round' }, paint: { 'line-color': token(colour), 'line-width': width },
  })
  return [line('selected-casing', 'map-marker-ring', 5), line('selected', 'map-selected', 2)]
}

export const SELECTION_LAYERS = ['selected-casing', 'selected']

/** The features a selection means, or nothing where it means a whole product. */
export function selectionFilter(selection: Selection): ExpressionSpecification | null {
  if (selection.feature !== null) return ['==', ['to-string', ['coalesce', ['get', 'id'], ['id']]], selection.feature]
  return selection.class === null ? null : ['==', ['get', 'class'], selection.class]
}

function classColour({ legend }: Layer): ExpressionSpecification | string {
  const [first] = legend.classes
  const pairs = legend.classes.flatMap(entry => [entry.value, entry.colour])
  if (!first) return DEFAULT_COLOUR
  return ['match', ['get', 'class'], ...pairs, first.colour] as unknown as ExpressionSpecification
}

/** Classes lie as the legend lists them, the first on top. */
function classOrder({ legend }: Layer): ExpressionSpecification | number {
  if (legend.classes.length < 2) return 0
  const pairs = legend.classes.flatMap((entry, index) => [entry.value, -index])
  return ['match', ['get', 'class'], ...pairs, -legend.classes.length] as unknown as ExpressionSpecification
}
