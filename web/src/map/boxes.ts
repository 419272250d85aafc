// Boxes of degrees, also across the antimeridian (west greater than east).
import type { Box } from '../catalogue/types'

const TURN = 360

/** East of a box counted from its west, so that it is never smaller. */
const eastOf = ([west, , east]: Box): number => (east < west ? east + TURN : east)

export function middle(box: Box): [number, number] {
  const longitude = (box[0] + eastOf(box)) / 2
  return [longitude > 180 ? longitude - TURN : longitude, (box[1] + box[3]) / 2]
}

export const corners = (box: Box): [[number, number], [number, number]] => [[box[0], box[1]], [eastOf(box), box[3]]]

/** The smallest box around `boxes`; those across the antimeridian keep their side. */
export function around(boxes: Box[]): Box | null {
  if (boxes.length === 0) return null
  const west = Math.min(...boxes.map(box => box[0]))
  const east = Math.max(...boxes.map(eastOf))
  const latitudes = boxes.flatMap(box => [box[1], box[3]])
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)]
  return east - west >= TURN ? [-180, south, 180, north] : [west, south, east, north]
}
