import { globSync, readFileSync } from 'node:fs'
import ts from 'typescript'

/** A file of the product, parsed. */
export type Source = { file: string; root: ts.SourceFile }

export function parseSource(file: string, text: string): Source {
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  // No check looks at documentation.
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone }
  return { file, root: ts.createSourceFile(file, text, options, true, kind) }
}

/** Every file of some folders without tests. */
export function listSources(pattern: string): string[] {
  return globSync(pattern)
    .filter((file) => !/[.](test|interop)[.]tsx?$|[.]d[.]ts$/.test(file))
    .toSorted()
}

export function readSource(file: string): Source {
  return parseSource(file, readFileSync(file, 'utf8'))
}

/** Calls `visit` with each node of the file, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}
