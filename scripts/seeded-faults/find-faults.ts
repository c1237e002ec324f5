import ts from 'typescript'
import type { Fault } from './fault.ts'
import { rewritesOf } from './fault-kinds.ts'

/** Every fault that can be seeded into a source file, in the order of the text. */
export function findFaults(file: string, text: string): Fault[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const faults: Fault[] = []
  const seen = new Map<string, number>()
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return
    for (const { kind, form, node: target, replacement } of rewritesOf(node)) {
      const [start, end] = [target.getStart(source), target.getEnd()]
      if (form === 'expression' && startsStatement(target, start, source)) continue
      const original = text.slice(start, end)
      const functionName = enclosingFunction(target)
      // The condition of a flipped return tells it from the others of its function.
      const about = kind === 'flipped return' ? conditionOf(target) : ''
      const key = `${kind} ${functionName} ${compact(about)}${compact(original)}→${compact(replacement)}`
      const occurrence = (seen.get(key) ?? 0) + 1
      seen.set(key, occurrence)
      const { line } = source.getLineAndCharacterOfPosition(start)
      const id = occurrence === 1 ? key : `${key} ${occurrence}`
      faults.push({ id, kind, form, functionName, file, line: line + 1, start, end, original, replacement })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return faults
}

/** Whether the text before the node ends without a semicolon, so that an opening bracket would continue it. */
function startsStatement(node: ts.Node, start: number, source: ts.SourceFile): boolean {
  for (let parent = node.parent; parent.getStart(source) === start; parent = parent.parent)
    if (ts.isExpressionStatement(parent) || ts.isSourceFile(parent)) return true
  return false
}

/** Names of the function, and of the class or variable that it belongs to. */
function enclosingFunction(node: ts.Node): string {
  const names: string[] = []
  for (let parent = node.parent; !ts.isSourceFile(parent); parent = parent.parent) {
    const name =
      ts.isFunctionLike(parent) || ts.isClassDeclaration(parent) || ts.isVariableDeclaration(parent)
        ? parent.name?.getText()
        : undefined
    if (name !== undefined) names.unshift(compact(name))
  }
  return names.join('.')
}

function conditionOf(node: ts.Node): string {
  for (let parent = node.parent; !ts.isFunctionLike(parent) && !ts.isSourceFile(parent); parent = parent.parent)
    if (ts.isIfStatement(parent)) return parent.expression.getText()
  return ''
}

/** The text independent of line breaks. */
function compact(text: string): string {
  return text
    .replaceAll(/^\s*(\/\/.*|\/?\*.*)$/gm, '')
    .replaceAll(/\s+/g, '')
    .replaceAll(/,(?=[)\]}])/g, '')
}
