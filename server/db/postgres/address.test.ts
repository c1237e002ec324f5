import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { describeAddress, parseAddress } from './address'

const folder = mkdtempSync(path.join(tmpdir(), 'address-'))
const rootFile = path.join(folder, 'root.crt')
writeFileSync(rootFile, 'the certificate')
afterAll(() => rmSync(folder, { recursive: true }))

const tlsOf = (parameters: string, host = 'db.example') => parseAddress(`postgres://u:p@${host}/lake${parameters}`).ssl

describe('The address of a PostgreSQL', () => {
  it('has host, port, user, password and database, decoded', () => {
    expect(parseAddress('postgres://an%40n:p%2Fw@db.example:5433/my%20lake')).toMatchObject({
      host: 'db.example',
      port: 5433,
      user: 'an@n',
      password: 'p/w',
      database: 'my lake',
    })
    expect(parseAddress('postgres://u:p@db.example/lake')).not.toHaveProperty('port')
    expect(parseAddress('postgres://u:p@[::1]/lake').host).toBe('::1')
  })

  it('may be the folder of a socket', () => {
    expect(parseAddress('postgres://u:p@%2Fvar%2Frun%2Fpostgresql/lake')).toMatchObject({
      host: '/var/run/postgresql',
      ssl: false,
    })
  })

  it('is described without user and password', () => {
    expect(describeAddress('postgres://ann:secret@db.example:5433/lake?sslmode=require')).toBe(
      'postgres://db.example:5433/lake',
    )
  })

  it('has no other parameters', () => {
    expect(() => parseAddress('postgres://u:p@db.example/lake?sslmode=require&host=evil')).toThrow('but not host')
  })
})

describe('A connection to it', () => {
  it.each(['localhost', '127.0.0.1', '[::1]'])(
    'on this machine is not encrypted unless the address says so: %s',
    (host) => {
      expect(tlsOf('', host)).toBe(false)
      expect(tlsOf('?sslmode=verify-full', host)).toEqual({ rejectUnauthorized: true })
    },
  )

  it('to another machine verifies certificate and name', () => {
    expect(tlsOf('')).toEqual({ rejectUnauthorized: true })
    // A name that begins like this machine's is another machine.
    expect(tlsOf('', 'localhost.example')).toEqual({ rejectUnauthorized: true })
  })

  it('verifies less only when the address says so', () => {
    expect(tlsOf('?sslmode=disable')).toBe(false)
    expect(tlsOf('?sslmode=require')).toEqual({ rejectUnauthorized: false })
    const verified = tlsOf('?sslmode=verify-ca')
    expect(verified).toMatchObject({ rejectUnauthorized: true })
    expect(verified).toHaveProperty('checkServerIdentity')
  })

  it('trusts the authority of a file, also in the mode that asks for encryption alone', () => {
    const parameter = `sslrootcert=${encodeURIComponent(rootFile)}`
    expect(tlsOf(`?${parameter}`)).toEqual({ rejectUnauthorized: true, ca: 'the certificate' })
    expect(tlsOf(`?sslmode=require&${parameter}`)).toMatchObject({ rejectUnauthorized: true, ca: 'the certificate' })
    expect(tlsOf('?sslrootcert=system')).toEqual({ rejectUnauthorized: true })
  })

  it('is refused with an unknown mode, and with a file that is not there', () => {
    expect(() => tlsOf('?sslmode=prefer')).toThrow('not prefer')
    expect(() => tlsOf(`?sslrootcert=${path.join(folder, 'missing.crt')}`)).toThrow('ENOENT')
  })
})
