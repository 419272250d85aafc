// The curve with its handles, and the map.
const SVG = 'http://www.w3.org/2000/svg'
function draw(parent, name, attributes = {}, text) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  if (text !== undefined) element.textContent = text
  parent.append(element)
  return element
}

const monthName = (day) =>
  new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' }).format(new Date(day * DAY_MS))
const longDate = (day) =>
  new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(day * DAY_MS))
const shortDate = (day) =>
  new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(day * DAY_MS))

function niceStep(span, count) {
  const rough = span / count, power = 10 ** Math.floor(Math.log10(rough))
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough)
}

// Scales of the curve: the whole biological year, wider where a window reaches beyond it.
function curveScales(year, width, height) {
  const pad = { left: 44, right: 12, top: 30, bottom: 26 }
  const low = Math.min(year.first, ...year.windows.map((each) => each.from))
  const high = Math.max(year.first + data.span, ...year.windows.map((each) => each.to + 1))
  const top = Math.max(1, ...year.km) * 1.05
  const x = (day) => pad.left + ((day - low) / (high - low)) * (width - pad.left - pad.right)
  const y = (km) => height - pad.bottom - (km / top) * (height - pad.top - pad.bottom)
  const dayAt = (place) => Math.floor(low + ((place - pad.left) / (width - pad.left - pad.right)) * (high - low))
  return { pad, low, high, top, x, y, dayAt, width, height }
}

function drawCurve(year, box) {
  const width = Math.max(300, box.clientWidth), height = Math.round(Math.min(400, Math.max(240, width * 0.54)))
  const scale = curveScales(year, width, height)
  const { x, y, pad, low, high, top } = scale
  box.replaceChildren()
  const svg = draw(box, 'svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': word('curve') })
  const step = niceStep(top, 5)
  for (let km = 0; km <= top; km += step) {
    draw(svg, 'line', { class: 'grid', x1: pad.left, x2: width - pad.right, y1: y(km), y2: y(km) })
    draw(svg, 'text', { x: pad.left - 6, y: y(km) + 4, 'text-anchor': 'end' }, Number(km.toPrecision(4)))
  }
  const every = width < 480 ? 2 : 1
  for (let day = low, count = 0; day < high; day++) {
    if (new Date(day * DAY_MS).getUTCDate() !== 1) continue
    draw(svg, 'line', { class: 'grid', x1: x(day), x2: x(day), y1: height - pad.bottom, y2: height - pad.bottom + 5 })
    if (count++ % every === 0 && x(day) < width - 24) draw(svg, 'text', { x: x(day) + 2, y: height - 8 }, monthName(day))
  }
  let path = ''
  year.days.forEach((offset, i) => {
    const joined = i > 0 && offset - year.days[i - 1] <= 3
    path += `${joined ? 'L' : 'M'}${x(year.first + offset + 0.5).toFixed(1)} ${y(year.km[i]).toFixed(1)}`
  })
  draw(svg, 'path', { class: 'joined', d: path })
  const points = draw(svg, 'g', { class: 'points' })
  year.days.forEach((offset, i) => draw(points, 'circle', { cx: x(year.first + offset + 0.5).toFixed(1), cy: y(year.km[i]).toFixed(1), r: 1.7 }))
  const cursor = draw(svg, 'line', { class: 'cursor', y1: pad.top, y2: height - pad.bottom, visibility: 'hidden' })
  const value = draw(svg, 'text', { class: 'value', y: 12, 'text-anchor': 'middle' })
  const windows = year.windows.map((window) => drawWindow(svg, year, window, scale))
  svg.addEventListener('pointermove', (event) => showDay(Math.min(high - 1, Math.max(low, scale.dayAt(placeOf(svg, event, width))))))
  svg.addEventListener('pointerleave', () => showDay(null))
  return { svg, scale, cursor, value, windows }
}

const placeOf = (svg, event, width) => {
  const frame = svg.getBoundingClientRect()
  return ((event.clientX - frame.left) / frame.width) * width
}

function drawWindow(svg, year, window, scale) {
  const group = draw(svg, 'g', { class: `${window.season} ${window.decided || window.isChanged ? '' : 'proposed'}` })
  const band = draw(group, 'rect', { class: 'band', y: scale.pad.top })
  const label = draw(group, 'text', { class: 'label', y: scale.pad.top - 4, 'text-anchor': 'middle' }, word(window.season))
  const handles = [['from', 'handleFirst', 0], ['to', 'handleLast', 1]].map(([end, key, side]) => {
    const name = word(key, { season: word(window.season) })
    const handle = draw(group, 'g', { class: 'handle', tabindex: 0, role: 'slider', 'aria-label': name, 'data-end': end, 'data-season': window.season,
      'aria-valuemin': scale.low, 'aria-valuemax': scale.high - 1, 'aria-orientation': 'horizontal' })
    const error = window.se?.[side] && !window.isChanged ? draw(handle, 'line', { class: 'error' }) : null
    const line = draw(handle, 'line'), grip = draw(handle, 'rect', { width: 24 }), knob = draw(handle, 'circle', { r: 8 })
    listen(handle, svg, year, window, end, scale)
    return { end, handle, error, line, grip, knob, se: window.se?.[side] }
  })
  const place = () => {
    const { x, pad, height } = scale, bottom = height - pad.bottom
    const edge = { from: x(window.from), to: x(window.to + 1) }
    group.setAttribute('class', `${window.season} ${window.decided || window.isChanged ? '' : 'proposed'}`)
    for (const [key, number] of Object.entries({ x: edge.from, width: edge.to - edge.from, height: bottom - pad.top })) band.setAttribute(key, number)
    label.setAttribute('x', (edge.from + edge.to) / 2)
    for (const { end, handle, error, line, grip, knob, se } of handles) {
      const at = edge[end], knobY = end === 'from' ? pad.top + 14 : bottom - 14
      for (const [key, number] of Object.entries({ x1: at, x2: at, y1: pad.top, y2: bottom })) line.setAttribute(key, number)
      for (const [key, number] of Object.entries({ x: at - 12, y: pad.top, height: bottom - pad.top })) grip.setAttribute(key, number)
      knob.setAttribute('cx', at)
      knob.setAttribute('cy', knobY)
      if (error) {
        const half = 2 * se * (x(1) - x(0))
        for (const [key, number] of Object.entries({ x1: at - half, x2: at + half, y1: knobY, y2: knobY })) error.setAttribute(key, window.isChanged ? 0 : number)
      }
      handle.setAttribute('aria-valuenow', window[end])
      handle.setAttribute('aria-valuetext', longDate(window[end]))
    }
  }
  place()
  return { window, place }
}

function listen(handle, svg, year, window, end, scale) {
  const move = (day) => {
    if (moveEnd(year, window, end, day)) onMoved(year)
    showDay(window[end])
  }
  handle.addEventListener('pointerdown', (event) => {
    event.preventDefault()
    handle.focus()
    handle.setPointerCapture(event.pointerId)
    const offset = placeOf(svg, event, scale.width) - scale.x(window[end] + (end === 'to' ? 1 : 0))
    const drag = (moved) => move(scale.dayAt(placeOf(svg, moved, scale.width) - offset + 0.5 * (scale.x(1) - scale.x(0))) - (end === 'to' ? 1 : 0))
    handle.addEventListener('pointermove', drag)
    const stop = () => handle.removeEventListener('pointermove', drag)
    handle.addEventListener('pointerup', stop, { once: true })
    handle.addEventListener('pointercancel', stop, { once: true })
  })
  handle.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key]
    if (!step) return
    event.preventDefault()
    move(window[end] + step * (event.shiftKey ? 7 : 1))
  })
  handle.addEventListener('focus', () => showDay(window[end]))
}

// Plain plane about the middle of the track: good enough to see where it went.
function mapScales(year) {
  const around = year.lon[0]
  const lon = year.lon.map((each) => around + ((((each - around) % 360) + 540) % 360) - 180)
  const middle = (Math.min(...year.lat) + Math.max(...year.lat)) / 2
  const kmX = 111.32 * Math.max(0.02, Math.cos((middle * Math.PI) / 180)), kmY = 111.32
  const x = lon.map((each) => each * kmX), y = year.lat.map((each) => -each * kmY)
  const box = [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)]
  const size = Math.max(box[1] - box[0], box[3] - box[2], 0.2) * 1.16
  const low = [(box[0] + box[1] - size) / 2, (box[2] + box[3] - size) / 2]
  return { size, x: x.map((each) => ((each - low[0]) / size) * 400), y: y.map((each) => ((each - low[1]) / size) * 400) }
}

function drawMap(year, box) {
  const scale = mapScales(year)
  box.replaceChildren()
  const svg = draw(box, 'svg', { viewBox: '0 0 400 400', role: 'img', 'aria-label': word('map') })
  const line = (rows) => rows.map((i, k) => `${k ? 'L' : 'M'}${scale.x[i].toFixed(1)} ${scale.y[i].toFixed(1)}`).join('')
  draw(svg, 'path', { class: 'track', d: line(year.days.map((_, i) => i)) })
  const ways = draw(svg, 'g')
  const dot = draw(svg, 'circle', { class: 'day', r: 6, visibility: 'hidden' })
  draw(svg, 'circle', { class: 'end', r: 5, cx: scale.x[0], cy: scale.y[0] })
  const km = niceStep(scale.size, 5), length = (km / scale.size) * 400
  draw(svg, 'path', { d: `M16 380v6h${length}v-6`, fill: 'none', stroke: 'currentColor' })
  draw(svg, 'text', { x: 16 + length + 6, y: 388 }, `${Number(km.toPrecision(3))} km`)
  const place = () => {
    ways.replaceChildren()
    for (const window of year.windows) {
      const rows = year.days.map((_, i) => i).filter((i) => year.first + year.days[i] >= window.from && year.first + year.days[i] <= window.to)
      draw(ways, 'path', { class: `way ${window.season}`, d: line(rows) })
    }
  }
  place()
  return { scale, dot, place }
}
