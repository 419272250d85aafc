// The map: base map, products as their legends say, selection, camera. Knows MapLibre; knows nothing of the page around it.
import * as maplibre from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerAddress from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import { Protocol } from 'pmtiles'
import type { Catalogue, Layer, Place } from '../catalogue/catalogue'
import type { Text } from '../catalogue/types'
import type { Camera, Selection } from '../state/address'
import type { FeatureProperties, Hit } from '../state/view.svelte'
import { BASE_SOURCE, BELOW_LABELS, baseStyle, labelText } from './base-style'
import { around, corners } from './boxes'
import { loadFonts } from './fonts'
import { MARKER, MARKER_SCALE, markerImage, PLACE_LAYERS, PLACE_SOURCE, placeLayers, placePoints } from './place-layers'
import * as draw from './product-layers'

export interface MapEvents {
  moved: (camera: Camera) => void
  picked: (hits: Hit[], place: string | null) => void
  found: (properties: FeatureProperties) => void
  failed: (layer: Layer | null) => void
}

export interface MapTexts {
  language: string
  say: (text: Text) => string
  labels: Record<string, string>
}

/** Pixels at the map's edges that panels cover. */
export interface Room {
  right: number
  bottom: number
}

const TOUCH_PIXELS = 6
const MARGIN = 56
const NAME_WIDTH = 180
const WIDEST_FIT = 9
const GEOMETRY_RANK = { point: 0, line: 1, polygon: 2, raster: 3 }

maplibre.setWorkerUrl(workerAddress)
maplibre.addProtocol('pmtiles', new Protocol().tile)

export class AtlasMap {
  readonly #map: maplibre.Map
  #selection: Selection | null = null
  #seeking: Selection | null = null
  #isQuiet = false

  private constructor(
    readonly container: HTMLElement & { map?: maplibre.Map },
    readonly catalogue: Catalogue,
    readonly events: MapEvents,
    texts: MapTexts,
  ) {
    this.#map = new maplibre.Map({
      container,
      style: baseStyle(texts.language),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      maxZoom: 14,
      locale: texts.labels,
      center: [10, 25],
      zoom: 1,
    })
    this.#map.touchZoomRotate.disableRotation()
    this.#map.keyboard.disableRotation()
    this.#map.addControl(new maplibre.NavigationControl({ showCompass: false }), 'top-right')
    this.#map.addControl(new maplibre.ScaleControl({ unit: 'metric' }), 'bottom-right')
    container.map = this.#map
    this.#report()
  }

  /** Make the map; resolves when its layers are in place. */
  static async create(container: HTMLElement, catalogue: Catalogue, events: MapEvents, texts: MapTexts): Promise<AtlasMap> {
    await loadFonts(texts.language, titles(catalogue, texts))
    const atlas = new AtlasMap(container, catalogue, events, texts)
    await new Promise<void>(resolve => void atlas.#map.once('style.load', () => resolve()))
    atlas.#addLayers(texts)
    return atlas
  }

  async speak(texts: MapTexts): Promise<void> {
    await loadFonts(texts.language, titles(this.catalogue, texts))
    this.#map.setLayoutProperty(BELOW_LABELS, 'text-field', labelText(texts.language))
    void this.#map.getSource<maplibre.GeoJSONSource>(PLACE_SOURCE)?.setData(placePoints(this.catalogue, texts.say))
  }

  /** Show what `isShown` says; layers of other populations than `place` step back, and its own marker is not needed. */
  show(isShown: (layer: Layer) => boolean, place: Place | null): void {
    for (const layer of this.catalogue.layers) {
      const visibility = isShown(layer) ? 'visible' : 'none'
      for (const id of draw.layerIds(layer)) this.#map.setLayoutProperty(id, 'visibility', visibility)
      const isDimmed = place !== null && !place.products.includes(layer.product)
      for (const [id, property, value] of draw.opacities(layer, isDimmed)) {
        this.#map.setPaintProperty(id, property, value)
      }
    }
    for (const id of PLACE_LAYERS) this.#map.setFilter(id, ['!=', ['get', 'key'], place?.key ?? ''])
  }

  /** Outline what is selected; a feature's properties are looked for until its tile is there. */
  highlight(selection: Selection | null, isKnown: boolean): void {
    this.#selection = selection
    this.#seeking = selection?.feature && !isKnown ? selection : null
    for (const id of draw.SELECTION_LAYERS) if (this.#map.getLayer(id)) this.#map.removeLayer(id)
    const layer = this.#layerOf(selection)
    if (!selection || !layer) return
    for (const drawn of draw.selectionLayers(layer, selection)) this.#map.addLayer(drawn, BELOW_LABELS)
    this.#seek()
  }

  /** Go to a camera, a place, or the whole atlas. */
  goTo(camera: Camera | null, place: Place | null, room: Room, isFlight: boolean): void {
    this.#isQuiet = true
    this.#map.setPadding({ top: 0, left: 0, ...room })
    this.#isQuiet = false
    if (camera) {
      this.#map.jumpTo({ center: [camera.longitude, camera.latitude], zoom: camera.zoom })
      return
    }
    const boxes = this.catalogue.places.flatMap(({ population }) => (population.bbox ? [population.bbox] : []))
    const box = place ? place.population.bbox : around(boxes)
    if (!box) return
    const margin = Math.min(MARGIN, this.container.clientWidth / 8)
    const right = place ? margin : Math.min(NAME_WIDTH, this.container.clientWidth / 6)
    const padding = { top: margin, bottom: margin, left: margin, right }
    this.#map.fitBounds(corners(box), { padding, maxZoom: WIDEST_FIT, animate: isFlight, duration: 1400 })
  }

  /** Keep the middle of the map in the middle of what panels leave free. */
  leaveRoom({ right, bottom }: Room): void {
    const now = this.#map.getPadding()
    if (now.right === right && now.bottom === bottom) return
    const padding = { top: 0, left: 0, right, bottom }
    this.#map.easeTo({ padding, duration: 350 })
  }

  remove(): void {
    this.#map.remove()
  }

  #addLayers(texts: MapTexts): void {
    for (const layer of this.catalogue.layers) {
      this.#map.addSource(layer.product.id, draw.productSource(layer))
      for (const drawn of draw.productLayers(layer)) this.#map.addLayer(drawn, draw.insertBelow(layer))
    }
    this.#map.addImage(MARKER, markerImage(), { pixelRatio: MARKER_SCALE })
    this.#map.addSource(PLACE_SOURCE, { type: 'geojson', data: placePoints(this.catalogue, texts.say) })
    for (const drawn of placeLayers()) this.#map.addLayer(drawn)
  }

  /** Tell the page what happens on the map; `data-map-state` is `loading`, `busy` or `idle`. */
  #report(): void {
    const state = this.container.dataset
    this.#map.on('render', () => void (state['mapState'] = 'busy'))
    this.#map.on('idle', () => {
      state['mapState'] = 'idle'
      this.#seek()
    })
    this.#map.on('moveend', () => this.#isQuiet || this.events.moved(this.#camera()))
    this.#map.on('click', event => this.#pick(event.point))
    this.#map.on('mousemove', event => {
      this.#map.getCanvas().style.cursor = this.#under(event.point, 0).length > 0 ? 'pointer' : ''
    })
    this.#map.on('error', event => {
      const source = (event as { sourceId?: string }).sourceId
      const layer = this.catalogue.layers.find(each => each.product.id === source)
      if (layer || source === BASE_SOURCE) this.events.failed(layer ?? null)
      else console.error(event.error)
    })
  }

  #camera(): Camera {
    const { lng, lat } = this.#map.getCenter()
    return { zoom: this.#map.getZoom(), latitude: lat, longitude: lng }
  }

  #under(point: maplibre.Point, reach: number): maplibre.MapGeoJSONFeature[] {
    const clickable = [...this.catalogue.layers.map(draw.clickableId), ...PLACE_LAYERS]
    const layers = clickable.filter(id => this.#map.getLayer(id))
    const { x, y } = point
    return this.#map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers })
  }

  #pick(point: maplibre.Point): void {
    const features = this.#under(point, TOUCH_PIXELS)
    const marker = features.find(feature => PLACE_LAYERS.includes(feature.layer.id))
    const hits = features.flatMap(feature => this.#hit(feature) ?? []).sort((a, b) => a.rank - b.rank)
    const keys = hits.map(({ selection }) => Object.values(selection).join('/'))
    const unique = hits.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
    this.events.picked(unique, (marker?.properties['key'] as string | undefined) ?? null)
  }

  /** What a drawn feature stands for; points come before lines before areas, and a legend's first class first. */
  #hit(feature: maplibre.MapGeoJSONFeature): (Hit & { rank: number }) | null {
    const layer = this.catalogue.layers.find(each => each.product.id === feature.source)
    if (!layer) return null
    const properties = feature.properties as FeatureProperties
    const entry = layer.legend.classes.findIndex(each => each.value === properties['class'])
    const id = properties['id'] ?? feature.id
    const rank = GEOMETRY_RANK[layer.legend.geometry] * 1e6 - layer.legend.order * 1e3 + entry
    const value = layer.legend.classes[entry]?.value ?? null
    return { selection: { product: layer.product.id, class: value, feature: id === undefined ? null : String(id) }, properties, rank }
  }

  #layerOf(selection: Selection | null): Layer | undefined {
    return this.catalogue.layers.find(layer => layer.product.id === selection?.product)
  }

  #seek(): void {
    const layer = this.#layerOf(this.#seeking)
    if (!this.#seeking || !layer || this.#seeking !== this.#selection) return
    const filter = draw.selectionFilter(this.#seeking)
    const query = { sourceLayer: layer.tiles.layer ?? layer.product.role, ...(filter ? { filter } : {}) }
    const [feature] = this.#map.querySourceFeatures(layer.product.id, query)
    if (!feature) return
    this.#seeking = null
    this.events.found(feature.properties as FeatureProperties)
  }
}

const titles = (catalogue: Catalogue, texts: MapTexts): string[] => catalogue.places.map(({ population }) => texts.say(population.title))
