import { globSync } from 'node:fs'
import { unpackDebianPackage } from './debian-package.ts'

const LIBRARY = 'usr/lib/*/faketime/libfaketimeMT.so.1'

/**
 * Finds the library that tells a program another time, on this machine or in Debian's package.
 *
 * @throws when neither is available
 */
export async function findFaketime(): Promise<string> {
  const [installed] = globSync(`/${LIBRARY}`)
  if (installed !== undefined) return installed
  const folder = await unpackDebianPackage('libfaketime')
  const [unpacked] = globSync(`${folder}/${LIBRARY}`)
  if (unpacked === undefined) throw new Error(`${folder} has no library of faketime`)
  return unpacked
}
