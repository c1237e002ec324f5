import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import {
  classifyFailure,
  ConnectionUnavailable,
  describeError,
  isCertainlyRolledBack,
  isConnectionLost,
  isUnreachable,
} from './failures'

/** As `pg` reports errors of the server. */
const fromServer = (code: string) => Object.assign(new Error(`server: ${code}`), { code, severity: 'ERROR' })
/** As Node reports errors of the system. */
const fromSystem = (code: string) => Object.assign(new Error(`system: ${code}`), { code })

describe('What an error of PostgreSQL means', () => {
  it.each([
    ['40001', 'a serialization failure'],
    ['40P01', 'a deadlock'],
    ['55P03', 'a lock that is not available'],
    ['57014', 'a cancelled statement'],
    ['53200', 'no memory'],
  ])('%s, %s, may pass on the same connection', (code) => {
    expect(classifyFailure(fromServer(code))).toEqual({ kind: 'transient', isConnectionLost: false })
    expect(isConnectionLost(fromServer(code))).toBe(false)
  })

  it.each([
    ['53300', 'too many connections'],
    ['25P03', 'an idle transaction that was ended'],
    ['25P04', 'a transaction that took too long'],
    ['25006', 'a server that is no longer the primary'],
    ['08006', 'a broken connection'],
    ['57P01', 'a server that shuts down'],
    ['57P03', 'a server that starts'],
  ])('%s, %s, may pass on another connection', (code) => {
    expect(classifyFailure(fromServer(code))).toEqual({ kind: 'transient', isConnectionLost: true })
    expect(isUnreachable(fromServer(code))).toBe(true)
  })

  it('a key that exists is a duplicate', () => {
    expect(classifyFailure(fromServer('23505'))).toEqual({ kind: 'duplicate' })
  })

  it.each([
    ['22001', 'invalid-request', /names have at most 255 characters/],
    ['22021', 'invalid-request', /a character that PostgreSQL cannot store/],
    ['22P05', 'invalid-request', /a character that PostgreSQL cannot store/],
    ['53100', 'storage-full', /The disk of the database is full/],
  ] as const)('%s is refused with %s and what to do', (code, appCode, words) => {
    const cause = fromServer(code)
    const failure = classifyFailure(cause)
    if (failure.kind !== 'refused') throw new Error(failure.kind)
    expect(failure.error).toBeInstanceOf(AppError)
    expect(failure.error).toMatchObject({ code: appCode, cause })
    expect(failure.error.message).toMatch(words)
    expect(failure.error.message).toMatch(/Nothing was changed\.$/)
  })

  it.each(['42P01', '42601', '23503', '23514', 'XX000'])('%s is not expected, and not retried', (code) => {
    expect(classifyFailure(fromServer(code))).toEqual({ kind: 'unexpected' })
  })

  it('what is not an error of a server or a connection is not expected', () => {
    for (const error of [
      new TypeError('x is undefined'),
      'text',
      null,
      undefined,
      { code: '40001', severity: 'ERROR' },
    ])
      expect(classifyFailure(error)).toEqual({ kind: 'unexpected' })
    // A code of five characters without a severity is not the server's.
    expect(classifyFailure(fromSystem('40001'))).toEqual({ kind: 'unexpected' })
  })
})

describe('A connection', () => {
  it.each(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ERR_STREAM_DESTROYED'])(
    'is lost by %s',
    (code) => {
      expect(isConnectionLost(fromSystem(code))).toBe(true)
    },
  )

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
  ])('is lost when pg says: %s', (message) => {
    expect(isConnectionLost(new Error(message))).toBe(true)
  })

  it('is lost when none of several addresses answers, and not when one gives another reason', () => {
    const refused = fromSystem('ECONNREFUSED')
    expect(isConnectionLost(new AggregateError([refused, fromSystem('ETIMEDOUT')]))).toBe(true)
    expect(isConnectionLost(new AggregateError([refused, new TypeError('x')]))).toBe(false)
  })

  it('that is not available counts as lost, whatever the reason was', () => {
    const error = new ConnectionUnavailable(new TypeError('no room'))
    expect(isConnectionLost(error)).toBe(true)
    expect(error.message).toBe('no connection to the database: no room')
  })

  it.each(['EACCES', 'EPERM', 'EPROTO'])('that the system refuses by %s does not come back by waiting', (code) => {
    expect(isConnectionLost(fromSystem(code))).toBe(true)
    expect(isUnreachable(fromSystem(code))).toBe(false)
  })

  it.each(['08004', '08P01'])('that the server refuses by %s does not come back by waiting', (code) => {
    expect(isUnreachable(fromServer(code))).toBe(false)
  })
})

describe('A transaction', () => {
  it('is certainly rolled back when the server answers COMMIT by an error', () => {
    for (const code of ['40001', '40P01', '23505', '53100']) expect(isCertainlyRolledBack(fromServer(code))).toBe(true)
  })

  it('may be durable when the connection is lost, or the server shuts down', () => {
    for (const error of [
      fromSystem('ECONNRESET'),
      fromServer('57P01'),
      fromServer('08006'),
      new Error('Query read timeout'),
    ])
      expect(isCertainlyRolledBack(error)).toBe(false)
  })
})

it('An error is described with the reasons of all addresses', () => {
  expect(describeError(new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]))).toBe(
    '::1 refused; 127.0.0.1 refused',
  )
  expect(describeError('text')).toBe('text')
})
