// What the address of the page says after its `#`, and back: every state of the atlas is a link.
//
//     #ungulates.red-desert&off=ungulates.red-desert.routes&selected=PRODUCT/CLASS/FEATURE&map=7.2/42.1/-109.3&lang=fr
//
// The first part is also the id of an element in the page's text, so that the link works without scripts.

export interface Camera {
  zoom: number
  latitude: number
  longitude: number
}

/** A product, one of its classes, or one of its features. */
export interface Selection {
  product: string
  class: string | null
  feature: string | null
}

export interface Address {
  place: string | null
  /** Products shown although their legend hides them, and the other way round. */
  on: string[]
  off: string[]
  selection: Selection | null
  camera: Camera | null
  language: string | null
}

export function readAddress(hash: string): Address {
  const [first = '', ...rest] = hash.replace(/^#/, '').split('&')
  const isPlace = first !== '' && !first.includes('=')
  const values = new URLSearchParams((isPlace ? rest : [first, ...rest]).join('&'))
  return {
    place: isPlace ? decode(first) : null,
    on: readList(values.get('on')),
    off: readList(values.get('off')),
    selection: readSelection(values.get('selected')),
    camera: readCamera(values.get('map')),
    language: values.get('lang'),
  }
}

export function writeAddress(address: Address): string {
  const parts = [address.place === null ? '' : encodeURIComponent(address.place)]
  const add = (key: string, value: string | null): void => {
    if (value) parts.push(`${key}=${value}`)
  }
  add('on', address.on.map(encodeURIComponent).join(','))
  add('off', address.off.map(encodeURIComponent).join(','))
  add('selected', address.selection && writeSelection(address.selection))
  add('map', address.camera && writeCamera(address.camera))
  add('lang', address.language && encodeURIComponent(address.language))
  return `#${parts.filter(Boolean).join('&')}`
}

function writeSelection({ product, class: value, feature }: Selection): string {
  return [product, value ?? '', feature ?? ''].map(encodeURIComponent).join('/').replace(/\/+$/, '')
}

function readSelection(text: string | null): Selection | null {
  const [product, value, feature] = (text ?? '').split('/')
  return product ? { product, class: value || null, feature: feature || null } : null
}

function writeCamera({ zoom, latitude, longitude }: Camera): string {
  const digits = Math.max(1, Math.ceil(zoom / 3) + 1)
  return `${zoom.toFixed(2)}/${latitude.toFixed(digits)}/${longitude.toFixed(digits)}`
}

function readCamera(text: string | null): Camera | null {
  const [zoom, latitude, longitude] = (text ?? '').split('/').map(Number)
  if (zoom === undefined || latitude === undefined || longitude === undefined) return null
  const isSound = [zoom, latitude, longitude].every(Number.isFinite) && Math.abs(latitude) <= 90
  return isSound ? { zoom, latitude, longitude } : null
}

const readList = (text: string | null): string[] => (text ? text.split(',').filter(Boolean) : [])

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
