import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, it } from 'vitest'

/** The words of docs/style.md that a program can check, each with its replacement. */

const NAMES: readonly [name: RegExp, instead: string][] = [
  [/^TableRef$/, 'TableIdentifier'],
  [/^(MOST|LONGEST)_/, 'MAX_…'],
  [/^USUAL_/, 'DEFAULT_…'],
  [/^Kept[A-Z]/, '…Cache'],
  [/^(Asked|Told|Deed|Patience|Contact|HandedOut)$/, 'RequestContext, ErrorContext, AuditAction, TimeBudget, …'],
  [/^(asked|told|heard|spelt|patience|deed|anew)$/, 'a noun of the field: request, report, budget, action'],
  [/^isPassing$/, 'isTransient'],
  [/^asker$/, 'caller, reader'],
  [/[a-z]Anew$/, 'again, or retry…'],
  [/^(MAX|MIN)_(.*_)?(LENGTH|CHARACTERS)$/, '…_CHARS, …_BYTES'],
  [/^(say|ask|tell)$/, 'a verb of the field: print, report, log, prompt, request'],
  [
    /^(tries|tried(At|_at_).*|next(Try|_try_).*|last_try_.*|sign_in_tries)$/,
    'attempts, attemptStartedAtMs, nextAttemptAtMs',
  ],
  [/^[#]?(is|set)?[wW]anted([A-Z].*)?$/, 'requested…'],
  [/[oO]bstacle/, 'blocker'],
  [/^use[A-Z]\w*Off$|^(useL|l)eadAway$/, 'use…Blocker, navigateAway'],
  [/^(use)?Way(Panel|Cells)?$|^WayTo/, 'source, method'],
  [/^(postpone|Table)Look|^looks_from_ms$|^look_count$/, 'check'],
  [/^commit_marks$|[sS]earchMarks$|^(Table|Entry)Mark$|^markReason$/, 'commit fence, reindex request, badge'],
  [/([iI]ntent|[cC]hange|audit|expiry|move|outcome)(Words|Meanings?)$/, 'describe…, …Sentence, …Effects'],
  [/^kept[A-Z]\w*$|[a-z]Kept$/, 'retained…, stored…, is…Stored'],
  [/^(becauseOf|isThere|isOfEveryone|signsInBy)$/, 'grants, exists, everyone, signInMethod'],
  [/^(demandedBy|enginesRefusedBy|settled(By|AtMs)|canSettle)$/, 'requiredBy, enginesBlockedBy, decided…, canDecide'],
  [/^may(Change|LogMore)$/, 'canChange, isLogOpen'],
  [/^isCut$/, 'isTruncated'],
  [/^(leftBehind|leftOutCount|files(Left|LeftOut|ForAnotherRun))$/, 'unreferenced, skipped, files…'],
  [/^(columnsThenNull|schema(Now|Then)|stepCountForward|unreached[A-Z]\w*)$/, 'current…, target…, unreferenced…'],
  [/^(deletesAre|gaveUpDictionary|judgedFile(s|Count)|staleBecause)$/, 'a noun: deleteFormat, staleReason …'],
  [/^(rhythmMs|runningMs|boundAtMs|reachedMs)$/, 'medianIntervalMs, durationMs, storedAtMs, oldestReadAtMs'],
  [/^place$/, 'table, entry, index, position, location'],
  [/^Placed(Entry|Manifest)$|^place(Of|Entries|Manifests)$/, 'Positioned…, …Position'],
  [/^is\w+Kept$/, 'is…Retained, is…Cached'],
  [/^(Meaning|MEANINGS(_\w+)?|(default|measured)Meaning)$/, 'StorageFailure, toFailure, describe…'],
  [/^(otherWay|wayIn|waysOf|isOneWay)$/, 'alternative, entryOrigin, isIrreversible'],
  [/^(is|mayBe)Gone([A-Z]\w*)?$|^(client|upload|waitUntil)Gone$|^goneError$/, 'isMissing, isRemoved, …Abort, …Exited'],
  [/^ColumnMarks(Props)?$|^marks(In|Of)$/, 'ColumnBadges, badgesIn'],
  [/^(debounced|set)Words$|^wordsOf$/, '…Query'],
  [
    /^(PublicationTie|StaleReading|expectedShown|[mM]akeNotes)$/,
    'BranchConnector, StaleDataNote, predictShownState, CreationNotes',
  ],
]

/** A title outside any `describe` that begins like this leaves out what it is about. */
const TITLE_WITHOUT_SUBJECT =
  /^(is|are|was|were|has|have|can|cannot|may|must|does|do|holds|and|but|that|of|in|as|with|without) /

const PHRASES: readonly [phrase: RegExp, instead: string][] = [
  [/\banew\b/i, 'again'],
  [/\bspelt\b/i, 'written, normalized'],
  [/\bwho(?:ever)? asks?\b/i, 'the client, the caller'],
  [/\bonly(?: for)? who may\b/i, 'users who may'],
  [/\bwhoever\b/i, 'the caller, the user, any …'],
  [/\bone['’]s own\b/i, 'its own, their own'],
  [/\bbeside\b/i, 'next to'],
  [/\b(?:is|are|was|were|be) told\b/i, 'receives, reads, sees'],
  [/\bheard\b/i, 'received'],
  [/\bcannot be had\b/i, 'is not available'],
  [/\bhanded out\b/i, 'vended, issued'],
  [/\bsomebody\b/i, 'a user, another user, an admin'],
  [/\bwhom the page\b/i, 'the signed-in user'],
]

/** The same for documents and comments, but not texts of pages, in rooms that have been rewritten. */
const TRANSLATED_PHRASES: readonly [phrase: RegExp, instead: string][] = [
  [/\bnobody\b(?!`)/i, 'the subject with a negated verb: the server does not …'],
  [/\bneither is (anything|it)\b/i, 'also not'],
  [/\bof then\b/i, 'of that time, the earlier …'],
  [/\bby now\b/i, 'already, now'],
  [/\bany ?more\b/i, 'no longer'],
  [/\bgo(es)? with (it|the (table|view|namespace))\b/i, 'is removed with, is dropped with'],
  [/\bwhat (it|they|that|this) (is|are) (of|about|for)\b/i, 'a noun: its subject, its purpose'],
  [/\bwhat (may|can) not be (seen|read|had)\b/i, 'hidden, unreadable, unavailable …'],
  [/\b(as|of) what (is|was|has|had)\b/i, 'a noun'],
]

/** The same for comments and titles of tests: texts of pages may still have these words. */
const CODE_PHRASES: readonly [phrase: RegExp, instead: string][] = [
  [/\bkept\b/i, 'stored, cached, retained, unchanged'],
  [/\bnobody\b(?!`)/i, 'no user, no caller, no other process'],
  [/\b(?:any|each|every|narrow|only|other|same|the|two) places?\b/i, 'position, field, path, module'],
  [/\b(?:badge|reindex|search) marks?\b/i, 'badge, reindex request'],
  [/\b(?:(?:is|are)(?: not)?|than|not) wanted\b/i, 'requested, cancelled'],
]

/** An opening without a subject or a verb: “Of the tables, …”, “What the page shows …”. */
const NOUNLESS_OPENING = /^(\/\/|\/\*+)[\s*]*(Of|What)\s/

/** Files in which *place* is a column of sample data, or the word itself. */
const FILES_WITH_PLACES = [
  '.env.example',
  'lib/scan/compare/compared-columns.test.ts',
  'lib/scan/compare/row-versions.test.ts',
  'lib/scan/read-rows.integration.test.ts',
  'server/demo/sources.ts',
  'server/ingest/stage-files.integration.test.ts',
  'server/ingest/stage-parquet.integration.test.ts',
]

const SELF = 'testing/project/vocabulary.test.ts'

/** The parts of a file that the tests look at. Its syntax tree is not stored: those of all files take more than a gigabyte. */
type Facts = {
  names: readonly string[]
  comments: readonly string[]
  /** Comments, strings, and the text parts of templates and of JSX. */
  prose: readonly string[]
  titles: readonly string[]
  titlesWithoutDescribe: readonly string[]
  errorBuilders: readonly string[]
}

/** Parsing takes seconds, so the tests share the results. */
const facts = new Map<string, Facts>()

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter(
    (file) =>
      /\.(ts|tsx|mjs|md)$|^\.env\.example$/.test(file) && existsSync(file) && !['docs/style.md', SELF].includes(file),
  )

it('The project has only names that the style page allows', () => {
  const named = files.filter(isCode).flatMap((file) => factsOf(file).names.map((name) => ({ file, name })))
  const found = [...Map.groupBy(named, ({ name }) => name)].flatMap(([name, all]) => {
    const rule = NAMES.find(([forbidden]) => forbidden.test(name))
    if (!rule) return []
    const refused = all.filter(({ file }) => name !== 'place' || !FILES_WITH_PLACES.includes(file))
    return refused.map(({ file }) => `${file}: ${name}, write ${rule[1]}`)
  })
  expect(found).toEqual([])
})

it('The project has only phrases that the style page allows, in comments, texts and documents', () => {
  const found = files.flatMap((file) =>
    (isCode(file) ? factsOf(file).prose : [readFileSync(file, 'utf8')]).flatMap((text) =>
      PHRASES.flatMap(([forbidden, instead]) => {
        const match = forbidden.exec(text)?.[0]
        return match === undefined ? [] : [`${file}: “${match}”, write “${instead}”: ${excerpt(text, match)}`]
      }),
    ),
  )
  expect(found).toEqual([])
})

it('The project opens no comment with “Of” or “What”', () => {
  const found = allComments()
    .filter(({ comment }) => NOUNLESS_OPENING.test(comment))
    .map(({ file, comment }) => `${file}: ${comment.slice(0, 80)}`)
  expect(found).toEqual([])
})

it('The project has no translated phrases in documents and comments', () => {
  // The changelog has the words of its time.
  const documents = files
    .filter((file) => !isCode(file) && file !== 'CHANGELOG.md')
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }))
  const comments = allComments().map(({ file, comment: text }) => ({ file, text }))
  const found = [...comments, ...documents].flatMap(({ file, text }) =>
    TRANSLATED_PHRASES.flatMap(([forbidden, instead]) => {
      const match = forbidden.exec(text)?.[0]
      return match === undefined ? [] : [`${file}: “${match}”, write “${instead}”: ${excerpt(text, match)}`]
    }),
  )
  expect(found).toEqual([])
})

it('The project has no words of its own dialect in comments and titles of tests', () => {
  const titles = files
    .filter((file) => /\.(test|spec)\.tsx?$/.test(file))
    .flatMap((file) => factsOf(file).titles.map((text) => ({ file, text })))
  const comments = allComments().map(({ file, comment: text }) => ({ file, text }))
  const found = [...titles, ...comments].flatMap(({ file, text }) =>
    CODE_PHRASES.flatMap(([forbidden, instead]) => {
      const match = forbidden.exec(text)?.[0]
      return match === undefined ? [] : [`${file}: “${match}”, write “${instead}”: ${excerpt(text, match)}`]
    }),
  )
  expect(found).toEqual([])
})

it('The project names functions that build an error as such', () => {
  const found = files.filter(isCode).flatMap((file) =>
    factsOf(file)
      .errorBuilders.filter((name) => !/Error$|^(to|with|end)[A-Z]/.test(name))
      .map((name) => `${file}: ${name}, write ${name}Error`),
  )
  expect(found).toEqual([])
})

it('The project gives every test title a subject', () => {
  const found = files
    .filter((file) => /\.(test|spec)\.tsx?$/.test(file))
    .flatMap((file) =>
      factsOf(file)
        .titlesWithoutDescribe.filter((title) => TITLE_WITHOUT_SUBJECT.test(title))
        .map((title) => `${file}: ${title}`),
    )
  expect(found).toEqual([])
})

it('The project finds what it looks for', () => {
  const source = parse('x.ts', '/** A limit. */ const MAX_TRIES = `after ${1} the request fails`')
  expect(identifiers(source)).toContain('MAX_TRIES')
  expect(commentsIn(source)).toEqual(['/** A limit. */'])
  expect(stringsIn(source)).toEqual(['after ', ' the request fails'])
  expect(['// Of two', '/** What it is. */', '/** Offers. */'].map((one) => NOUNLESS_OPENING.test(one))).toEqual([
    true,
    true,
    false,
  ])
  const tests = parse(
    'x.test.ts',
    `it('is one', f); describe('A', () => { it('is two', f) }); test.each([1])('has %i', f)
    function missing(): AppError { return error }`,
  )
  expect(topLevelTitles(tests)).toEqual(['is one', 'has %i'])
  expect(testTitles(tests)).toEqual(['is one', 'A', 'is two', 'has %i'])
  expect(errorBuilders(tests)).toEqual(['missing'])
})

it.each([
  ['x.ts', 'const MOST_TRIES = 1'],
  ['x.ts', 'class A {\n  *tell() {}\n}'],
  ['x.ts', '/** A caller that\n * asked. */ const heard = 1'],
  ['x.ts', '// The table is read\n// by now.'],
  ['x.ts', "const text = 'it is one\\'s own'"],
  ['x.ts', "const text = 'first\\nanew'"],
  ['x.ts', '/*\n * What it reads.\n */'],
  ['x.ts', 'function missing(\n  name: string,\n): AppError {\n  return new AppError(name)\n}'],
  ['x.test.ts', "it.each([1])('has %i', f)"],
])('The project reads a file that might break a rule: %s with %j', (file, text) => {
  expect(mightBreakRule(file, text)).toBe(true)
})

it('The project reads no file whose words no rule refuses', () => {
  expect(mightBreakRule('x.ts', "/** The user was asked. */\nconst limit = 'of rows'")).toBe(false)
})

function allComments(): { file: string; comment: string }[] {
  return files
    .filter(isCode)
    .flatMap((file) =>
      factsOf(file).comments.map((comment) => ({ file, comment: comment.replaceAll(/\s*\n\s*\*?\s*/g, ' ') })),
    )
}

function isCode(file: string): boolean {
  return !file.endsWith('.md')
}

function factsOf(file: string): Facts {
  const known = facts.get(file)
  if (known) return known
  const text = readFileSync(file, 'utf8')
  if (!mightBreakRule(file, text)) {
    facts.set(file, NO_FACTS)
    return NO_FACTS
  }
  const source = parse(file, text)
  const comments = commentsIn(source)
  const found: Facts = {
    names: identifiers(source),
    comments,
    prose: [...comments, ...stringsIn(source)],
    titles: testTitles(source),
    titlesWithoutDescribe: topLevelTitles(source),
    errorBuilders: errorBuilders(source),
  }
  facts.set(file, found)
  return found
}

const NO_FACTS: Facts = {
  names: [],
  comments: [],
  prose: [],
  titles: [],
  titlesWithoutDescribe: [],
  errorBuilders: [],
}
const ANY_PHRASE = new RegExp(
  [...PHRASES, ...TRANSLATED_PHRASES, ...CODE_PHRASES].map(([phrase]) => phrase.source).join('|'),
  'i',
)
const ANY_OPENING = new RegExp(NOUNLESS_OPENING.source.replace('^', ''))
const ANY_TITLE_WITHOUT_SUBJECT = new RegExp(TITLE_WITHOUT_SUBJECT.source.replace('^', `['"\`]`))
/** A line of nothing but a comment. */
const COMMENT_LINE = /^[ \t]*(?:\/\/|\/?\*(?=[\s*/]|$)(?!.*\*\/[ \t]*\S))(?!.*\$\{).*$/gm

/**
 * Whether a rule might refuse something in a file, from its text alone, so that only one file of ten is parsed. A word
 * counts wherever it is in the text.
 */
function mightBreakRule(file: string, text: string): boolean {
  if (ANY_OPENING.test(text)) return true
  const isTest = /\.(test|spec)\.tsx?$/.test(file)
  if (isTest && /^(it|test)\b/m.test(text) && ANY_TITLE_WITHOUT_SUBJECT.test(text)) return true
  if (/\)\s*:\s*(AppError|\w+Parquet)\b/.test(text)) return true
  // Escapes are characters of their own, and comments go on in the next line.
  const prose = text.replaceAll(/\\(.)/g, (_, escaped: string) => (/['"`]/.test(escaped) ? escaped : ' '))
  if (ANY_PHRASE.test(prose.replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' '))) return true
  const words = new Set(text.replaceAll(COMMENT_LINE, '').match(/[\w$]+/g))
  return [...words].some(isForbiddenName)
}

const forbiddenNames = new Map<string, boolean>()

function isForbiddenName(name: string): boolean {
  const known = forbiddenNames.get(name)
  if (known !== undefined) return known
  const isForbidden = NAMES.some(([forbidden]) => forbidden.test(name))
  forbiddenNames.set(name, isForbidden)
  return isForbidden
}

/** Comments are found in the text, so documentation is not parsed; and no test goes from a node to its parent. */
function parse(file: string, text: string): ts.SourceFile {
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone }
  return ts.createSourceFile(file, text, options, false)
}

function identifiers(source: ts.SourceFile): string[] {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) names.add(node.text.replace(/^#/, ''))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return [...names]
}

/** Names of functions that return an error and change nothing, by their declared type. */
function errorBuilders(source: ts.SourceFile): string[] {
  const names: string[] = []
  const visit = (node: ts.Node): void => {
    if (
      ts.isFunctionDeclaration(node) &&
      node.name &&
      /^(AppError|\w+Parquet)$/.test(node.type?.getText(source) ?? '')
    ) {
      names.push(node.name.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

/** The titles of tests that are in no `describe`. */
function topLevelTitles(source: ts.SourceFile): string[] {
  return source.statements.flatMap((statement) => {
    if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return []
    const { expression, arguments: passed } = statement.expression
    const title = passed[0]
    const isTest = ['it', 'test'].includes(calledName(expression))
    return isTest && title && ts.isStringLiteralLike(title) ? [title.text] : []
  })
}

/** The titles of all tests and of the `describe`s around them. */
function testTitles(source: ts.SourceFile): string[] {
  const titles: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ['it', 'test', 'describe'].includes(calledName(node.expression))) {
      const title = node.arguments[0]
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return titles
}

/** The first name of `it`, `it.each` and `it.each([1])`. */
function calledName(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text
  const isLonger =
    ts.isPropertyAccessExpression(expression) ||
    ts.isCallExpression(expression) ||
    ts.isTaggedTemplateExpression(expression)
  if (!isLonger) return ''
  return calledName(ts.isTaggedTemplateExpression(expression) ? expression.tag : expression.expression)
}

/** Strings, and the text parts of templates and of JSX. */
function stringsIn(source: ts.SourceFile): string[] {
  const strings: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isJsxText(node)) strings.push(node.text)
    if (ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) strings.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return strings
}

function commentsIn(source: ts.SourceFile): string[] {
  const text = source.getFullText()
  const found = new Map<number, string>()
  let seenStart = -1
  const visit = (node: ts.Node): void => {
    const start = node.getFullStart()
    // Comments are in the space before a token. A node begins where its first child does, and most have no space.
    if (start !== seenStart && /[\s/]/.test(text.charAt(start))) {
      seenStart = start
      for (const { pos, end } of ts.getLeadingCommentRanges(text, start) ?? []) found.set(pos, text.slice(pos, end))
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return [...found.values()]
}

function excerpt(text: string, match: string): string {
  const at = text.indexOf(match)
  return text.slice(Math.max(0, at - 40), at + 60).replaceAll(/\s+/g, ' ')
}
