import ts from 'typescript'
import type { FaultForm, FaultKind } from './fault.ts'

/** The effect of a kind on a node: the node to replace, which may be a part of the given one, and its new text. */
type Rewrite = { kind: FaultKind; node: ts.Node; form: FaultForm; replacement: string }

const CHECKS = /^(check|require|assert|refuse|reject|ensure|enforce|forbid|verify|validate|deny)([A-Z]|$)/

const SHIFTED_BOUNDS = new Map([
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
])

/** A permission that a lower role, or a grant on less, includes, too. */
const WEAKER_PERMISSIONS = new Map([
  ['table:write', 'table:read'],
  ['table:maintain', 'table:read'],
  ['access:manage', 'table:write'],
  ['audit:read', 'table:read'],
  ['console:admin', 'access:manage'],
])

const OTHER_EXTREMES = new Map([
  ['lowerBounds', 'upperBounds'],
  ['upperBounds', 'lowerBounds'],
  ['lower', 'upper'],
  ['upper', 'lower'],
  ['min', 'max'],
  ['max', 'min'],
  ['minValue', 'maxValue'],
  ['maxValue', 'minValue'],
])

/** Numbers of Iceberg that are replaced by a number of another kind. */
const OTHER_NUMBERS = new Map([
  ['fileSequenceNumber', 'sequenceNumber'],
  ['minSequenceNumber', 'sequenceNumber'],
  ['parentSnapshotId', 'snapshotId'],
  ['currentSchemaId', 'defaultSpecId'],
  ['defaultSpecId', 'currentSchemaId'],
  ['lastColumnId', 'lastPartitionId'],
  ['lastPartitionId', 'lastColumnId'],
])
/** Numbers that are replaced by the one before them. */
const COUNTED_NUMBERS = new Set(['sequenceNumber', 'lastSequenceNumber'])

/** The faults of every kind that can replace this node. */
export function rewritesOf(node: ts.Node): Rewrite[] {
  if (ts.isIfStatement(node)) return guardRewrites(node)
  if (ts.isExpressionStatement(node)) return effectRewrites(node)
  if (ts.isArrayLiteralExpression(node)) return elementRewrites(node)
  if (ts.isBinaryExpression(node)) return operatorRewrites(node)
  if (ts.isPropertyAccessExpression(node)) return propertyRewrites(node)
  if (ts.isIdentifier(node)) return countedNumberRewrites(node)
  if (ts.isCallExpression(node)) return quantifierRewrites(node)
  if (ts.isStringLiteral(node)) return permissionRewrites(node)
  if (ts.isReturnStatement(node)) return returnRewrites(node)
  return []
}

function expression(kind: FaultKind, node: ts.Node, replacement: string): Rewrite {
  return { kind, node, form: 'expression', replacement }
}

function guardRewrites({ expression: condition, thenStatement }: ts.IfStatement): Rewrite[] {
  const last = lastStatement(thenStatement)
  if (!last) return []
  const isThrow = ts.isThrowStatement(last)
  if (!isThrow && !ts.isReturnStatement(last) && !ts.isContinueStatement(last)) return []
  return [
    expression('negated guard', condition, `!(${condition.getText()})`),
    ...(isThrow ? [expression('removed guard', condition, 'false')] : []),
  ]
}

function lastStatement(statement: ts.Statement): ts.Statement | undefined {
  return ts.isBlock(statement) ? statement.statements.at(-1) : statement
}

function effectRewrites(node: ts.ExpressionStatement): Rewrite[] {
  // As the branch of an `if`, the switch would take over its `else`.
  if (!ts.isBlock(node.parent)) return []
  const isAwaited = ts.isAwaitExpression(node.expression)
  const called = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression
  if (!ts.isCallExpression(called)) return []
  const name = calledName(called)
  if (CHECKS.test(name)) return [{ kind: 'removed check', node, form: 'statement', replacement: '' }]
  return isAwaited ? [{ kind: 'dropped effect', node, form: 'statement', replacement: '' }] : []
}

function calledName({ expression: callee }: ts.CallExpression): string {
  return ts.isPropertyAccessExpression(callee) ? callee.name.text.replace(/^#/, '') : callee.getText()
}

/** Lists of requirements, updates, checks and similar things are written as objects, calls and spread lists. */
function elementRewrites({ elements, parent }: ts.ArrayLiteralExpression): Rewrite[] {
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) return []
  return elements
    .filter(
      (element) => ts.isObjectLiteralExpression(element) || ts.isCallExpression(element) || ts.isSpreadElement(element),
    )
    .map((node) => ({ kind: 'dropped element', node, form: 'element', replacement: '' }))
}

function operatorRewrites(node: ts.BinaryExpression): Rewrite[] {
  const { left, right, operatorToken } = node
  const operator = operatorToken.kind
  const bound = SHIFTED_BOUNDS.get(operator)
  if (bound !== undefined && !ts.isForStatement(node.parent))
    return [expression('shifted bound', node, `${left.getText()} ${bound} ${right.getText()}`)]
  if (operator === ts.SyntaxKind.PlusToken || operator === ts.SyntaxKind.MinusToken)
    return /^1n?$/.test(right.getText()) ? [expression('off by one', node, left.getText())] : []
  if (operator !== ts.SyntaxKind.AmpersandAmpersandToken && operator !== ts.SyntaxKind.BarBarToken) return []
  // `...(condition && { field })` is not a condition.
  if (ts.isObjectLiteralExpression(right)) return []
  const other = operator === ts.SyntaxKind.AmpersandAmpersandToken ? '||' : '&&'
  return [expression('swapped connective', node, `(${left.getText()}) ${other} (${right.getText()})`)]
}

function propertyRewrites(node: ts.PropertyAccessExpression): Rewrite[] {
  const { name, expression: object, parent } = node
  if (!isRead(node)) return []
  const isMath = object.getText() === 'Math'
  // A part of a chain cannot be put into brackets, and a method would lose its object.
  const isPart =
    (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent) || ts.isCallExpression(parent)) &&
    parent.expression === node
  if (isPart && !isMath) return []
  const extreme = OTHER_EXTREMES.get(name.text)
  if (extreme !== undefined) return [expression('swapped extreme', node, withName(node, extreme))]
  const number = OTHER_NUMBERS.get(name.text)
  if (number !== undefined) return [expression('wrong number', node, withName(node, number))]
  if (name.text === 'snapshotId' && /snapshot|parent|tip|oldest|origin/i.test(object.getText()))
    return [expression('wrong number', node, withName(node, 'parentSnapshotId'))]
  return COUNTED_NUMBERS.has(name.text) ? [expression('wrong number', node, `(${node.getText()} - 1)`)] : []
}

function withName({ expression: object, questionDotToken }: ts.PropertyAccessExpression, name: string): string {
  return `${object.getText()}${questionDotToken ? '?.' : '.'}${name}`
}

function isRead(node: ts.Expression): boolean {
  const { parent } = node
  if (ts.isBinaryExpression(parent) && parent.left === node) {
    const { kind } = parent.operatorToken
    return kind < ts.SyntaxKind.FirstAssignment || kind > ts.SyntaxKind.LastAssignment
  }
  return !(
    ts.isPrefixUnaryExpression(parent) ||
    ts.isPostfixUnaryExpression(parent) ||
    ts.isDeleteExpression(parent) ||
    ts.isTypeOfExpression(parent) ||
    ts.isExpressionWithTypeArguments(parent)
  )
}

function countedNumberRewrites(node: ts.Identifier): Rewrite[] {
  const { parent } = node
  const isValue =
    (ts.isBinaryExpression(parent) && isRead(node)) ||
    (ts.isCallExpression(parent) && parent.arguments.includes(node)) ||
    (ts.isPropertyAssignment(parent) && parent.initializer === node)
  return isValue && COUNTED_NUMBERS.has(node.text) ? [expression('wrong number', node, `(${node.text} - 1)`)] : []
}

function quantifierRewrites(node: ts.CallExpression): Rewrite[] {
  const { expression: callee } = node
  if (!ts.isPropertyAccessExpression(callee) || node.flags & ts.NodeFlags.OptionalChain) return []
  const other = { every: 'some', some: 'every' }[callee.name.text]
  if (other === undefined) return []
  const rest = node.getText().slice(callee.name.getEnd() - node.getStart())
  return [expression('swapped connective', node, `${callee.expression.getText()}.${other}${rest}`)]
}

function permissionRewrites(node: ts.StringLiteral): Rewrite[] {
  const weaker = WEAKER_PERMISSIONS.get(node.text)
  const { parent } = node
  if (weaker === undefined || ts.isLiteralTypeNode(parent) || ts.isCaseClause(parent)) return []
  if (ts.isPropertyAssignment(parent) && parent.name === node) return []
  return [expression('weaker permission', node, `'${weaker}'`)]
}

function returnRewrites({ expression: returned }: ts.ReturnStatement): Rewrite[] {
  if (returned?.kind === ts.SyntaxKind.TrueKeyword) return [expression('flipped return', returned, 'false')]
  if (returned?.kind === ts.SyntaxKind.FalseKeyword) return [expression('flipped return', returned, 'true')]
  return []
}
