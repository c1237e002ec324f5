import 'server-only'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Terminal } from '../verb'

/** The terminal that this process was started on. */
export function createProcessTerminal(signal: AbortSignal): Terminal {
  const pending: string[] = []
  let isAtEnd = false
  return {
    signal,
    print: printLinesTo(process.stdout),
    printMessage: printLinesTo(process.stderr),
    get pipe() {
      return process.stdin.isTTY ? null : process.stdin
    },
    async prompt(prompt, { isHidden = false } = {}) {
      if (process.stdin.isTTY) return readTypedLine(prompt, isHidden, signal)
      if (!isAtEnd) {
        pending.push(...(await readPipedLines()))
        isAtEnd = true
      }
      return pending.shift() ?? null
    },
  }
}

/**
 * Prints lines until the reader of the pipe closes it, as `head` does. The rest is not printed, and the command is still
 * carried out to its end: it may be writing.
 */
export function printLinesTo(output: Writable): (line: string) => void {
  let isClosed = false
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    isClosed = true
  })
  return (line) => {
    if (!isClosed) output.write(`${line}\n`)
  }
}

async function readPipedLines(): Promise<string[]> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/)
}

/** A hidden line is read through an output that discards the echo. */
function readTypedLine(prompt: string, isHidden: boolean, signal: AbortSignal): Promise<string | null> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: isHidden ? silent : process.stderr, terminal: true })
  if (isHidden) process.stderr.write(prompt)
  return new Promise((resolve) => {
    lines.on('close', () => resolve(null))
    lines.on('SIGINT', () => lines.close())
    signal.addEventListener('abort', () => lines.close(), { once: true })
    lines.question(isHidden ? '' : prompt, (line) => {
      resolve(line)
      if (isHidden) process.stderr.write('\n')
      lines.close()
    })
  })
}
