// A marker and a name for every population, so that one sees from afar where they are.
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Catalogue } from '../catalogue/catalogue'
import { PLACE_FONT } from './fonts'
import { middle } from './boxes'
import { token } from './tokens'

export const PLACE_SOURCE = 'places'
export const PLACE_LAYERS = ['place-markers', 'place-names']
/** From this zoom the corridors speak for themselves. */
const NEAR = 6.5

export interface PlacePoints {
  type: 'FeatureCollection'
  features: { type: 'Feature'; geometry: { type: 'Point'; coordinates: [number, number] }; properties: { key: string; title: string } }[]
}

export function placePoints(catalogue: Catalogue, say: (text: Record<string, string>) => string): PlacePoints {
  const features = catalogue.places.flatMap(({ key, population }) => {
    if (!population.bbox) return []
    const geometry = { type: 'Point' as const, coordinates: middle(population.bbox) }
    return [{ type: 'Feature' as const, geometry, properties: { key, title: say(population.title) } }]
  })
  return { type: 'FeatureCollection', features }
}

/** The marker: a dot with a ring. */
export const MARKER = 'place-marker'
export const MARKER_SCALE = 2
const RADIUS = 6
const RING = 2

export function markerImage(): ImageData {
  const half = (RADIUS + RING) * MARKER_SCALE
  const canvas = Object.assign(document.createElement('canvas'), { width: 2 * half, height: 2 * half })
  const pen = canvas.getContext('2d')
  if (!pen) return new ImageData(1, 1)
  for (const [colour, radius] of [['map-marker-ring', RADIUS + RING], ['map-marker', RADIUS]] as const) {
    pen.fillStyle = token(colour)
    pen.beginPath()
    pen.arc(half, half, radius * MARKER_SCALE, 0, 2 * Math.PI)
    pen.fill()
  }
  return pen.getImageData(0, 0, 2 * half, 2 * half)
}

/** Names lie below markers: room is given from the top layer down, so that no name covers a marker. */
export function placeLayers(): LayerSpecification[] {
  const opacity: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], NEAR - 1.5, 1, NEAR, 0]
  return [
    {
      id: 'place-names',
      type: 'symbol',
      source: PLACE_SOURCE,
      maxzoom: NEAR,
      layout: {
        'text-field': ['get', 'title'],
        'text-font': PLACE_FONT,
        'text-size': 13,
        'text-max-width': 11,
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 0.9,
        'text-justify': 'auto',
      },
      paint: {
        'text-color': token('map-marker'),
        'text-halo-color': token('map-marker-ring'),
        'text-halo-width': 1.6,
        'text-opacity': opacity,
      },
    },
    {
      id: 'place-markers',
      type: 'symbol',
      source: PLACE_SOURCE,
      maxzoom: NEAR,
      layout: { 'icon-image': MARKER, 'icon-allow-overlap': true, 'icon-padding': 0 },
      paint: { 'icon-opacity': opacity },
    },
  ]
}
