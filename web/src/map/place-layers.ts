// A marker and a name for every population, so that one sees from afar where they are.
import type { LayerSpecification } from 'maplibre-gl'
import type { Catalogue } from '../catalogue/catalogue'
import { PLACE_FONT } from './fonts'
import { middle } from './boxes'
import { token } from './tokens'

export const PLACE_SOURCE = 'places'
export const PLACE_LAYERS = ['place-markers', 'place-names']

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

export function placeLayers(): LayerSpecification[] {
  return [
    {
      id: 'place-markers',
      type: 'circle',
      source: PLACE_SOURCE,
      maxzoom: 6.5,
      paint: {
        'circle-color': token('map-marker'),
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 0, 4, 5, 6],
        'circle-stroke-color': token('map-marker-ring'),
        'circle-stroke-width': 2,
        'circle-opacity': ['interpolate', ['linear'], ['zoom'], 5, 1, 6.5, 0],
        'circle-stroke-opacity': ['interpolate', ['linear'], ['zoom'], 5, 1, 6.5, 0],
      },
    },
    {
      id: 'place-names',
      type: 'symbol',
      source: PLACE_SOURCE,
      maxzoom: 6.5,
      layout: {
        'text-field': ['get', 'title'],
        'text-font': PLACE_FONT,
        'text-size': 13,
        'text-max-width': 11,
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 0.8,
        'text-justify': 'auto',
      },
      paint: {
        'text-color': token('map-marker'),
        'text-halo-color': token('map-marker-ring'),
        'text-halo-width': 1.6,
        'text-opacity': ['interpolate', ['linear'], ['zoom'], 5, 1, 6.5, 0],
      },
    },
  ]
}
