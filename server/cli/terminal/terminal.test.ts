import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { printLinesTo } from './terminal'

const failingWith = (code: string, lines: string[]) =>
  new Writable({
    autoDestroy: false,
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done(lines.length < 2 ? null : Object.assign(new Error(`write ${code}`), { code }))
    },
  })

it('prints no more once the reader has closed the pipe, without an error', async () => {
  const lines: string[] = []
  const output = failingWith('EPIPE', lines)
  const print = printLinesTo(output)
  print('one')
  print('two')
  await new Promise(setImmediate)
  print('three')
  expect(lines).toEqual(['one\n', 'two\n'])
})

it('The terminal does not hide another failure to write', () => {
  const output = failingWith('ENOSPC', [])
  printLinesTo(output)
  expect(() => output.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }))).toThrow('full')
})
