// What is known and what was decided: days are whole numbers since 1970-01-01, UTC.
const data = JSON.parse(document.getElementById('data').textContent)
const DAY_MS = 86400000
const toDay = (text) => Math.floor(Date.parse(text.slice(0, 10) + 'T00:00Z') / DAY_MS)
const toDate = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10)
const today = () => toDate(Math.floor(Date.now() / DAY_MS))

const SEASONS = ['spring', 'autumn']
let language = 'en'
const word = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), data.words[language][key] ?? key)

// A year as the person sees it; `original` is how it came.
const freshYear = (year) => ({
  windows: year.windows.map((each) => ({ ...each, from: toDay(each.start), to: toDay(each.end), isChanged: false })),
  removed: year.removed.map((each) => ({ ...each, isChanged: false })),
  class: year.class,
  comment: year.comment,
  isConfirmed: false,
})
const years = data.years.map((year) => ({ ...year, first: toDay(year.start), ...freshYear(year) }))
let current = 0
let isSaved = true

const isDecided = (year) =>
  year.removed.length > 0 || (year.windows.length > 0 && year.windows.every((each) => each.isChanged || each.decided))
const isTouched = (year) => year.isConfirmed || [...year.windows, ...year.removed].some((each) => each.isChanged)

// Whether a window may lie there: in order, and free of the animal's other windows.
function isFree(year, window, from, to) {
  if (!(from <= to)) return false
  const others = years.filter((each) => each.animal === year.animal).flatMap((each) => each.windows)
  return others.every((other) => other === window || to < other.from || from > other.to)
}

// A move cut short by the neighbours and by the other end; returns whether anything moved.
function moveEnd(year, window, end, day) {
  const limit = [year.first, year.first + data.span - 1]
  const low = Math.min(limit[0], window.from), high = Math.max(limit[1], window.to)
  let goal = Math.min(Math.max(day, low), high)
  const step = Math.sign(goal - window[end])
  const before = window[end]
  while (window[end] !== goal) {
    const next = { from: window.from, to: window.to, [end]: window[end] + step }
    if (!isFree(year, window, next.from, next.to)) break
    window[end] += step
  }
  if (window[end] === before) return false
  changed(window)
  return true
}

function changed(row) {
  row.isChanged = true
  isSaved = false
}

function addWindow(year, season) {
  const taken = years.filter((each) => each.animal === year.animal).flatMap((each) => each.windows)
  const centre = year.first + Math.round(data.span * (season === SEASONS[0] ? 0.25 : 0.7))
  for (let apart = 0; apart < data.span; apart++)
    for (const from of [centre + apart, centre - apart]) {
      const to = Math.min(from + 20, year.first + data.span - 1)
      if (from < year.first || to < from || taken.some((other) => from <= other.to && to >= other.from)) continue
      const window = { season, from, to, decided: false, isChanged: true, start: '', end: '', se: [null, null] }
      year.windows = [...year.windows, window].sort((a, b) => a.from - b.from)
      year.removed = year.removed.filter((each) => each.season !== season && each.season !== '')
      isSaved = false
      return window
    }
  return null
}

function removeWindow(year, window) {
  year.windows = year.windows.filter((each) => each !== window)
  year.removed = year.removed.filter((each) => each.season !== window.season)
  const row = { season: window.season, isChanged: true }
  year.removed.push(row)
  isSaved = false
}

// All that is in the year now is what the person says.
function confirmYear(year) {
  year.windows.forEach(changed)
  year.isConfirmed = true
  if (!year.windows.length && !year.removed.some((each) => each.season === '')) year.removed = [{ season: '', isChanged: true }]
  isSaved = false
}

function undoYear(year) {
  const source = data.years[years.indexOf(year)]
  Object.assign(year, freshYear(source))
}

// The rows of the file: what others decided stays as it was written.
function decidedRows(reviewer) {
  const rows = data.kept.map((row) => [...row])
  for (const year of years) {
    const own = isTouched(year) ? year.class : year.decidedClass
    const none = year.removed.map((each) => ({ ...each, start: '', end: '' }))
    const all = year.windows.filter((each) => each.isChanged || each.decided)
    const whole = !year.windows.length && none.some((each) => each.isChanged) ? [{ season: '', start: '', end: '', isChanged: true }] : none
    for (const each of [...all, ...whole]) {
      const moved = each.isChanged && each.from !== undefined
      const start = moved && toDay(each.start || '1970-01-01') === each.from && each.decided ? each.start : moved ? toDate(each.from) : each.start
      const end = moved && toDay(each.end || '1970-01-01') === each.to && each.decided ? each.end : moved ? toDate(each.to) : each.end
      const who = each.isChanged ? [reviewer, today(), year.comment] : [each.by, each.on, each.why]
      rows.push([year.animal, String(year.year), each.season, start, end, ...who, own])
    }
  }
  return rows
}

const cell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const windowsFile = (reviewer) =>
  [data.columns, ...decidedRows(reviewer)].map((row) => row.map((text) => cell(text ?? '')).join(',') + '\n').join('')
