// What every writer program has in common: its options, its loop as a concurrent writer, and its report.
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { databaseError, log } from './errors.js'

const OPTIONS = {
  seconds: { type: 'string' },
  seed: { type: 'string', default: '1' },
  keys: { type: 'string', default: '1000' },
  code: { type: 'string', default: 'repaired' },
  recorded: { type: 'string' },
  patience: { type: 'string', default: '60' },
  report: { type: 'string', default: 'text' },
}
// SQLSTATEs of a connection that ends or cannot begin, and what Node calls that: ECONNRESET, "fetch failed", ...
const LOST = /^(08...|57P..|E[A-Z]+|TypeError|Error)$/

/**
 * Runs a writer.
 *
 * Without --seconds it does `once(options)`, which is the application's ordinary work over the recorded answers, and
 * prints what that returns. With --seconds N it calls `write(options, number)` again and again, each time with a
 * number below --keys drawn by --seed, until N seconds have passed (0: until SIGTERM or SIGINT), and prints
 * {tried, failed: {code: count}, worst_pause_ms, keys}, where `keys` are those that `write` returned: what a caller
 * was told is stored. "writing" on standard error says that the first write has ended. A lost connection is a failed
 * write; when none can be had for --patience seconds, it stops and reports.
 */
export async function run({ codes, once, write, end }) {
  try {
    const options = optionsOf(codes)
    const result = options.seconds === undefined ? await once(options) : await loop(options, write)
    print(result, options.report)
  } catch (error) {
    log(error.message, error)
    process.exitCode = 2
  } finally {
    await end?.()
  }
}

function optionsOf(codes) {
  const { values } = parseArgs({ options: OPTIONS })
  if (!codes.includes(values.code)) throw new Error(`--code is one of ${codes.join(', ')}, not "${values.code}"`)
  if (!['text', 'json'].includes(values.report)) throw new Error('--report is "text" or "json"')
  return {
    ...values,
    seconds: values.seconds === undefined ? undefined : number('seconds', values.seconds),
    seed: number('seed', values.seed),
    keys: number('keys', values.keys),
    patience: number('patience', values.patience),
  }
}

function number(name, text) {
  const found = Number(text)
  if (!(found >= 0)) throw new Error(`--${name} is no number: "${text}"`)
  return found
}

async function loop({ seconds, seed, keys, patience, ...options }, write) {
  const draw = drawing(seed)
  const until = seconds === 0 ? Infinity : performance.now() + seconds * 1000
  const report = { tried: 0, failed: {}, worst_pause_ms: 0, keys: new Set() }
  let stopped = false
  let answered = performance.now()
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => (stopped = true))
  while (!stopped && performance.now() < Math.min(until, answered + patience * 1000)) {
    const began = performance.now()
    let lost = false
    try {
      report.keys.add(await write(options, Math.floor(draw() * keys)))
    } catch (error) {
      const code = databaseError(error).code || databaseError(error).name
      lost = LOST.test(code)
      if (!(code in report.failed)) log('a write failed', error)
      report.failed[code] = (report.failed[code] ?? 0) + 1
    }
    report.worst_pause_ms = Math.max(report.worst_pause_ms, performance.now() - began)
    if (++report.tried === 1) console.error('writing')
    if (lost) await setTimeout(20)
    else answered = performance.now()
  }
  return { ...report, worst_pause_ms: Math.round(report.worst_pause_ms * 10) / 10, keys: [...report.keys].sort() }
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function drawing(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function print(result, report) {
  if (report === 'json') {
    console.log(JSON.stringify(result))
    return
  }
  for (const [name, value] of Object.entries(result)) {
    console.log(`${name}: ${name === 'keys' ? `${value.length} written` : JSON.stringify(value)}`)
  }
}
