import ts from 'typescript'
import { type Source, walk } from './sources'

/** Reads lists page by page, so that what it has may be a part of the list. */
const PAGE_READER = /\b(useInfiniteQuery|useFilteredListing|useFolderListing|toListing|joinedListing)\b/
const TEXT_TESTS = new Set(['includes', 'startsWith', 'endsWith', 'indexOf'])

/**
 * Where a component that reads a list page by page treats the pages that it has as the list: it joins them itself,
 * filters their rows by a text, sorts them, or gives a table rows without saying whether these are all.
 */
export function findPartUses({ root }: Source): string[] {
  if (!PAGE_READER.test(root.text)) return []
  const found: string[] = []
  walk(root, (node) => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression: list, name } = node.expression
      if (name.text === 'flatMap' && /\bpages(\s*\?\?\s*\[\])?\)?$/.test(list.getText())) found.push('joins pages')
      if (name.text === 'filter' && node.arguments.some(testsText)) found.push('filters by a text')
      if ((name.text === 'sort' || name.text === 'toSorted') && /\brows$/.test(list.getText())) found.push('sorts rows')
    }
    if (isTable(node)) {
      const rows = node.attributes.properties.find((one) => ts.isJsxAttribute(one) && one.name.getText() === 'rows')
      if (rows && !/listing|\bisWhole\b/i.test(rows.getText())) found.push('gives a table rows that may be a part')
    }
  })
  return found
}

function isTable(node: ts.Node): node is ts.JsxSelfClosingElement | ts.JsxOpeningElement {
  return (ts.isJsxSelfClosingElement(node) || ts.isJsxOpeningElement(node)) && node.tagName.getText() === 'DataTable'
}

/** Whether a function looks for a text in its parameter: `({ name }) => name.toLowerCase().includes(text)`. */
function testsText(test: ts.Expression): boolean {
  if (!ts.isArrowFunction(test)) return false
  const names = new Set<string>()
  for (const { name } of test.parameters) walk(name, (node) => ts.isIdentifier(node) && names.add(node.text))
  let isTest = false
  walk(test.body, (node) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return
    const { expression: text, name } = node.expression
    if (!TEXT_TESTS.has(name.text)) return
    walk(text, (part) => {
      if (ts.isIdentifier(part) && names.has(part.text)) isTest = true
    })
  })
  return isTest
}
