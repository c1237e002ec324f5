import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runToEnd } from '../processes/run-to-end.ts'

/**
 * A jar by its Maven coordinates, `group:artifact:version` or `group:artifact:version:classifier`, and its expected
 * hash.
 */
export type Jar = { coordinates: string; sha256: string; extension?: 'zip' | 'tar.gz' }

const REPOSITORY = path.resolve('.cache/interop/maven')
const RESOLVE_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:resolve'
const FETCH_TIMEOUT_MS = 600_000

/**
 * Downloads missing jars with Maven into a repository below this folder. Maven knows the machine's mirrors and proxies.
 * Dependencies of a jar are not downloaded: the lists name all jars that are needed.
 *
 * @param repository another folder, for jars that should not be cached
 * @returns the paths, in the order of the jars
 * @throws when Maven or a jar is unavailable, or when a jar does not have its recorded hash
 */
export async function fetchJars(jars: readonly Jar[], repository = REPOSITORY): Promise<string[]> {
  const pathOf = (jar: Jar) => repositoryPath(repository, jar)
  const missing = jars.filter((jar) => !existsSync(pathOf(jar)))
  if (missing.length > 0) await resolveJars(missing, repository)
  for (const jar of jars) {
    const sha256 = await hashFile(pathOf(jar))
    if (sha256 === jar.sha256) continue
    rmSync(pathOf(jar))
    throw new Error(`${jar.coordinates} has the SHA-256 ${sha256}, not ${jar.sha256}. It was deleted again.`)
  }
  return jars.map(pathOf)
}

async function resolveJars(jars: readonly Jar[], repository: string): Promise<void> {
  mkdirSync(repository, { recursive: true })
  const pom = path.join(repository, `fetch-${process.pid}.xml`)
  writeFileSync(pom, renderPom(jars))
  try {
    const args = ['-B', '-q', '--strict-checksums', `-Dmaven.repo.local=${repository}`, '-f', pom, RESOLVE_GOAL]
    await runToEnd('mvn', args, { timeoutMs: FETCH_TIMEOUT_MS })
  } finally {
    rmSync(pom, { force: true })
  }
}

function renderPom(jars: readonly Jar[]): string {
  const dependencies = jars.map((jar) => {
    const { group, artifact, version, classifier } = parseCoordinates(jar)
    const kind = classifier === undefined ? '' : `<classifier>${classifier}</classifier>`
    const type = `<type>${jar.extension ?? 'jar'}</type>`
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${kind}${type}
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>lakeshore</groupId><artifactId>interop</artifactId><version>1</version>
  <dependencies>${dependencies.join('\n')}</dependencies>
</project>
`
}

/** The path of a jar in the layout of a Maven repository. */
function repositoryPath(repository: string, jar: Jar): string {
  const { group, artifact, version, classifier } = parseCoordinates(jar)
  const file = `${[artifact, version, ...(classifier === undefined ? [] : [classifier])].join('-')}.${jar.extension ?? 'jar'}`
  return path.join(repository, ...group.split('.'), artifact, version, file)
}

function parseCoordinates({ coordinates }: Jar) {
  const [group, artifact, version, classifier] = coordinates.split(':')
  if (!group || !artifact || !version) throw new Error(`"${coordinates}" are not Maven coordinates.`)
  return { group, artifact, version, classifier }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
