import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'

/** The load locations of a test: `drop`, a folder of this machine, and `landing`, a prefix in a bucket. */
export type TestLocations = {
  /** For the home of the test. */
  settings: Record<string, string>
  /** The folder around the one that is `drop`. */
  folder: string
  s3: S3StandIn
  put(location: string, file: string, text: string): void
  remove(): Promise<void>
}

export async function createTestLocations(): Promise<TestLocations> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'lakeshore-drop-')))
  mkdirSync(path.join(folder, 'drop'))
  const s3 = new S3StandIn()
  return {
    folder,
    s3,
    settings: {
      LAKESHORE_LOAD_LOCATIONS: `drop=file://${folder}/drop, landing=s3://bucket/in`,
      LAKESHORE_S3_ENDPOINT: await s3.start(),
      LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
      LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    },
    put(location, file, text) {
      if (location === 'landing') {
        s3.objects.set(`bucket/in/${file}`, Buffer.from(text))
        return
      }
      const target = path.join(folder, location, file)
      mkdirSync(path.dirname(target), { recursive: true })
      writeFileSync(target, text)
    },
    async remove() {
      await s3.stop()
      rmSync(folder, { recursive: true })
    },
  }
}
