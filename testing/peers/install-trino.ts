import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { findJdk } from './find-jdk.ts'
import { fetchJars, type Jar } from './maven.ts'
import { runToEnd } from '../processes/run-to-end.ts'

/**
 * Trino without the parts that the Iceberg connector does not need: the server's core is a fifth of the whole. Its
 * archives contain all jars, so one hash per archive pins them; no dependencies are resolved.
 */
const VERSION = '476'
const CORE: Jar = {
  coordinates: `io.trino:trino-server-core:${VERSION}`,
  extension: 'tar.gz',
  sha256: '0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158',
}
const ICEBERG: Jar = {
  coordinates: `io.trino:trino-iceberg:${VERSION}`,
  extension: 'zip',
  sha256: '99edba5b491ed94d599aeb61e0794272d3569d8b563f3bb8569e8a49daa87b6c',
}
/** The oldest JDK on which this release of Trino starts. */
const JAVA_RELEASE = 24
const FOLDER = path.resolve(`.cache/interop/trino-${VERSION}`)
const UNPACK_TIMEOUT_MS = 300_000

export type Trino = {
  /** The Java program that runs Trino. */
  java: string
  /** Its own jars. */
  libFolder: string
  /** A folder for each plugin. */
  pluginFolder: string
}

/**
 * Unpacks Trino. The first use downloads 540 MB and stores 450 MB.
 *
 * @throws when Trino or a JDK for it is unavailable
 */
export async function installTrino(): Promise<Trino> {
  const jdk = findJdk(JAVA_RELEASE)
  if (!existsSync(FOLDER)) await unpack(path.join(jdk, 'bin', 'jar'))
  return {
    java: path.join(jdk, 'bin', 'java'),
    libFolder: path.join(FOLDER, 'lib'),
    pluginFolder: path.join(FOLDER, 'plugin'),
  }
}

async function unpack(jar: string): Promise<void> {
  const draft = `${FOLDER}.${process.pid}`
  const [plugin, archives] = [path.join(draft, 'plugin'), path.join(draft, 'archives')]
  mkdirSync(plugin, { recursive: true })
  try {
    const [core = '', iceberg = ''] = await fetchJars([CORE, ICEBERG], archives)
    const limit = { timeoutMs: UNPACK_TIMEOUT_MS }
    await runToEnd(
      'tar',
      ['-xzf', core, '-C', draft, '--strip-components=1', `trino-server-core-${VERSION}/lib`],
      limit,
    )
    await runToEnd(jar, ['--extract', '--file', iceberg, '--dir', plugin], limit)
    rmSync(archives, { recursive: true })
    // Another process may have been faster; its folder is as good.
    if (!existsSync(FOLDER)) renameSync(draft, FOLDER)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}
