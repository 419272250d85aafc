// The page around curve and map: list, table, buttons, keys, saving.
const $ = (id) => document.getElementById(id)
let curve, map

function make(parent, name, attributes = {}, text) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else if (value === true) element.setAttribute(key, '')
    else if (value !== false && value !== undefined) element.setAttribute(key, value)
  }
  if (text !== undefined) element.textContent = text
  parent.append(element)
  return element
}

function say(text, isWrong = false) {
  $('said').textContent = text
  $('said').classList.toggle('wrong', isWrong)
}

function showDay(day) {
  const year = years[current]
  const shown = day === null ? 'hidden' : 'visible'
  curve.cursor.setAttribute('visibility', shown)
  curve.value.textContent = ''
  map.dot.setAttribute('visibility', 'hidden')
  if (day === null) return
  const at = curve.scale.x(day + 0.5)
  curve.cursor.setAttribute('x1', at)
  curve.cursor.setAttribute('x2', at)
  const row = year.days.indexOf(day - year.first)
  curve.value.setAttribute('x', Math.min(curve.scale.width - 70, Math.max(80, at)))
  curve.value.textContent = shortDate(day) + (row < 0 ? '' : ` · ${year.km[row].toFixed(1)} km`)
  if (row < 0) return
  map.dot.setAttribute('visibility', 'visible')
  map.dot.setAttribute('cx', map.scale.x[row])
  map.dot.setAttribute('cy', map.scale.y[row])
}

// After dates moved: everything but the curve's own elements, so that the focus stays.
function onMoved(year) {
  curve.windows.forEach((each) => each.place())
  map.place()
  showTable(year)
  showList()
}

function showTable(year) {
  const active = document.activeElement?.dataset?.field
  const body = $('windows').tBodies[0]
  body.replaceChildren()
  year.windows.forEach((window, number) => {
    const row = make(body, 'tr', { class: window.season })
    make(row, 'th', { scope: 'row' }, word(window.season))
    for (const [end, key] of [['from', 'first'], ['to', 'last']]) {
      const place = make(row, 'td', { 'data-label': word(key) })
      make(place, 'input', { type: 'date', value: toDate(window[end]), 'aria-label': `${word(window.season)}: ${word(key)}`, 'data-field': `${number}${end}`,
        onchange: (event) => setDate(year, window, end, event.target.value) })
    }
    make(row, 'td', { 'data-label': word('length') }, `${window.to - window.from + 1} ${word('days')}`)
    make(row, 'td', { 'data-label': word('decidedBy') }, window.isChanged ? word('changed') : window.decided ? window.by : word('proposed'))
    make(make(row, 'td'), 'button', { 'aria-label': `${word('remove')}: ${word(window.season)}`, onclick: () => change(() => removeWindow(year, window)) }, word('remove'))
  })
  if (!year.windows.length) make(make(body, 'tr'), 'td', { colspan: 6 }, word('noWindow'))
  if (active) body.querySelector(`[data-field="${active}"]`)?.focus()
  const adding = $('adding')
  adding.replaceChildren()
  for (const season of SEASONS.filter((each) => !year.windows.some((window) => window.season === each)))
    make(adding, 'button', { onclick: () => change(() => addWindow(year, season)) }, `${word('add')}: ${word(season)}`)
  $('undo').disabled = !isTouched(year)
}

function setDate(year, window, end, text) {
  const day = text ? toDay(text) : NaN
  const next = { from: window.from, to: window.to, [end]: day }
  if (!isFree(year, window, next.from, next.to)) {
    say(word('overlap'), true)
    return showTable(year)
  }
  if (window[end] === day) return
  window[end] = day
  changed(window)
  change(() => {})
}

function change(work) {
  work()
  say('')
  showYear()
}

function showList() {
  const only = $('doubtful').checked
  $('list-title').textContent = word('animals', { done: years.filter(isDecided).length, all: years.length })
  const list = $('list')
  const top = list.scrollTop
  list.replaceChildren()
  years.forEach((year, number) => {
    if (only && number !== current && isDecided(year)) return
    if (only && number !== current && year.confidence === 'A') return
    const button = make(make(list, 'li'), 'button', { 'aria-current': String(number === current), onclick: () => go(number) })
    make(button, 'span', {}, `${year.animal} · ${year.year}`)
    if (year.confidence) make(button, 'span', { class: `grade ${year.confidence}`, title: `${word('confidence')} ${year.confidence}` }, year.confidence)
    make(button, 'span', { class: 'done', title: isDecided(year) ? word('decided') : '' }, isDecided(year) ? '✓' : '')
  })
  list.scrollTop = top
}

function showYear() {
  const year = years[current]
  $('year-title').textContent = `${year.animal} · ${year.year}`
  const verdict = $('verdict')
  verdict.replaceChildren()
  if (year.confidence) make(verdict, 'span', { class: `grade ${year.confidence}` }, `${word('confidence')} ${year.confidence}`)
  verdict.append(` ${year.reason}`)
  curve = drawCurve(year, $('curve'))
  map = drawMap(year, $('map'))
  showTable(year)
  $('class').value = year.class
  $('comment').value = year.comment
  $('previous').disabled = current === 0
  $('next').disabled = current === years.length - 1
  showList()
}

function go(number) {
  if (number < 0 || number >= years.length) return
  current = number
  say('')
  showYear()
  $('list').querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' })
  $('year-title').focus({ preventScroll: true })
}

function setLanguage(chosen) {
  language = chosen
  document.documentElement.lang = chosen
  for (const each of document.querySelectorAll('[data-word]')) each.textContent = word(each.dataset.word)
  const classes = $('class')
  classes.replaceChildren()
  for (const each of data.classes) make(classes, 'option', { value: each }, word(each))
  showYear()
}

// The text to save, or nothing where a name or a decision is missing.
function readyFile() {
  const reviewer = $('reviewer').value.trim()
  if (!reviewer) {
    say(word('nameFirst'), true)
    $('reviewer').focus()
    return null
  }
  if (!decidedRows(reviewer).length) {
    say(word('nothing'), true)
    return null
  }
  return windowsFile(reviewer)
}

function told(text) {
  isSaved = true
  say(word('saved', { n: text.split('\n').length - 2, file: data.file.split('/').pop(), path: data.file }))
}

function download() {
  const text = readyFile()
  if (text === null) return
  const link = make(document.body, 'a', { href: URL.createObjectURL(new Blob([text], { type: 'text/csv' })), download: data.file.split('/').pop(), hidden: true })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10000)
  link.remove()
  told(text)
}

async function saveAs() {
  const text = readyFile()
  if (text === null) return
  try {
    const place = await window.showSaveFilePicker({ suggestedName: data.file.split('/').pop(), types: [{ accept: { 'text/csv': ['.csv'] } }] })
    const stream = await place.createWritable()
    await stream.write(text)
    await stream.close()
    told(text)
  } catch (error) {
    if (error.name !== 'AbortError') say(error.message, true)
  }
}

$('save').addEventListener('click', download)
$('save-as').addEventListener('click', saveAs)
$('save-as').hidden = !('showSaveFilePicker' in window)
$('previous').addEventListener('click', () => go(current - 1))
$('next').addEventListener('click', () => go(current + 1))
$('confirm').addEventListener('click', () => change(() => confirmYear(years[current])))
$('undo').addEventListener('click', () => change(() => undoYear(years[current])))
$('doubtful').addEventListener('change', showList)
$('language').addEventListener('change', (event) => setLanguage(event.target.value))
$('class').addEventListener('change', (event) => change(() => {
  years[current].class = event.target.value
  confirmYear(years[current])
}))
$('comment').addEventListener('change', (event) => change(() => {
  years[current].comment = event.target.value.trim()
  confirmYear(years[current])
}))
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, select, textarea')) return
  if (event.key === 'n') go(current + 1)
  if (event.key === 'p') go(current - 1)
})
let waiting
window.addEventListener('resize', () => {
  clearTimeout(waiting)
  waiting = setTimeout(showYear, 100)
})
window.addEventListener('beforeunload', (event) => {
  if (!isSaved) event.preventDefault()
})
if (matchMedia('(max-width: 45rem)').matches) $('animals').open = false
$('reviewer').value = data.reviewer
const wanted = navigator.languages.map((each) => each.slice(0, 2)).find((each) => data.words[each]) ?? 'en'
$('language').value = wanted
setLanguage(wanted)
