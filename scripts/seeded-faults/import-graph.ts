import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/** The imports of the repository's files, at run time or for types, directly or not. */
export class ImportGraph {
  readonly #imports = new Map<string, readonly string[]>()
  readonly #hashes = new Map<string, string>()

  /** The file itself and everything that it imports. */
  closureOf(file: string): ReadonlySet<string> {
    const closure = new Set([file])
    for (const one of closure) for (const imported of this.#importsOf(one)) closure.add(imported)
    return closure
  }

  /** The same while neither the files nor their imports change. */
  digestOf(files: Iterable<string>): string {
    const closure = new Set([...files].flatMap((file) => [...this.closureOf(file)]))
    const lines = [...closure].toSorted().map((file) => `${file} ${this.#hashOf(file)}\n`)
    return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 16)
  }

  #importsOf(file: string): readonly string[] {
    const known = this.#imports.get(file)
    if (known) return known
    const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true)
    const imports = importedFiles.flatMap(({ fileName }) => resolveImport(file, fileName) ?? [])
    this.#imports.set(file, imports)
    return imports
  }

  #hashOf(file: string): string {
    const known = this.#hashes.get(file) ?? createHash('sha256').update(readFileSync(file)).digest('hex')
    this.#hashes.set(file, known)
    return known
  }
}

/** Null for a package, and for a file that is not code. */
function resolveImport(from: string, name: string): string | null {
  const base = name.startsWith('@/') ? name.slice(2) : name.startsWith('.') ? path.join(path.dirname(from), name) : null
  if (base === null) return null
  const candidates = [base, `${base}.ts`, `${base}.tsx`, `${base}/index.ts`]
  return candidates.find((candidate) => /\.(ts|tsx|mjs|json)$/.test(candidate) && existsSync(candidate)) ?? null
}
