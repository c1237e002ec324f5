import 'server-only'
import { proposalText } from '@/lib/contract/proposals'
import { formatQuantity } from '@/lib/format/count'
import { declarationToText } from '@/lib/changes/declaration/declaration-text'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { intentSentence, intentSign } from '@/lib/changes/intents/intent'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { newAuditId } from '@/server/db/audit'
import type { Services } from '@/server/services'
import { createTableAction } from '@/server/changes/actions/create-table'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { commitIntents } from '@/server/changes/actions/change-table'
import { propose } from '@/server/changes/proposals/proposals'
import { requireNoSecrets } from '@/server/table/mask-properties'
import { describeTableAsFile, exportNamespace } from './folder/export-folder'
import { planOrApplyFolder } from './folder/table-folder'
import { deleteTableRows } from './rows/delete-rows'
import { parseNamespace, parseTable } from './table-name'
import { planTable, readDeclaration, requireAllowed } from './table-plan'
import { DIFFERS } from './folder/folder-report'
import { describeReaders } from './table-readers'
import { readArguments, type Terminal, UsageError, type Verb } from './verb'

export const tableVerb: Verb = {
  summary: 'tables as code: export, create, plan and apply a file that describes a table; delete rows by a filter',
  help: `Use: lakeshore table export <namespace.table> [--catalog <name>]
     lakeshore table export <namespace> --folder <folder> [--overwrite] [--json] [--catalog <name>]
     lakeshore table create <namespace.table> --file <table.yaml> [--location <uri>] [--catalog <name>]
     lakeshore table plan  <namespace.table> --file <table.yaml> [--exit-code] [--catalog <name>]
     lakeshore table apply <namespace.table> --file <table.yaml> [--allow-drops] [--allow-removals]
                           [--allow-upgrade] [--propose <title> [--note <text>]] [--catalog <name>]
     lakeshore table delete-rows <namespace.table> --where <filter> [--branch <name>]
                           [--yes | --propose <title> [--note <text>]] [--catalog <name>]
     lakeshore table plan  --folder <folder> [--exit-code] [--json] [--catalog <name>]
     lakeshore table apply --folder <folder> [--json] [the flags of apply] [--catalog <name>]

export prints the table as YAML: format version, columns, identifier fields, partition fields, sort fields,
properties, and the retention of branches and tags. create creates an empty table as the file describes it. plan prints
the changes that would make the table match the file, what uses the columns that it drops or renames, and what the
clients of the last 30 days can do after an upgrade; apply makes them in one commit. A section that the file
omits is left alone; a section that it has is complete, so anything that it does not name is removed.
Columns are found by their id, or by their name if the file has no id: with the id, another name is a rename;
without it, a drop and a new column.
apply removes nothing unless asked to: columns only with --allow-drops; properties, partition fields, sort fields and
identifier fields only with --allow-removals. Safety tags of the console are not exported.
A format version cannot be lowered again, so apply raises it only with --allow-upgrade.
With --propose, apply commits nothing, and stores the changes on the server for another user to commit, as policies of
namespaces demand. With --exit-code, plan ends with 3 if the table differs, and with 1 if it could not be compared.
The file - is standard input.
With --folder, export writes each table directly in a namespace to a file of the folder, as plan and apply read it. If
a file differs from its table, nothing is written without --overwrite. It removes no files: it lists those whose table
does not exist. A table that cannot be read has no file, and export then ends with 1.
With --folder, plan and apply compare a folder: each file <namespace.table>.yaml describes a table, which apply creates
if it does not exist, and access.yaml has the grants of the catalog and the policies of its namespaces. apply first
plans everything, and changes nothing if a file is wrong, a flag is missing, or a change needs two people and --propose
is missing. With --propose, it proposes the changes that need two people and commits the others, one commit a table.
--json prints one report for programs.
delete-rows prints how many rows match a filter as in the Data tab, such as 'delay > 60 and origin in ("ABQ", "SFO")',
and the files that have them. With --yes, it deletes the rows as one snapshot, and prints the result as JSON; with
--propose, it stores the deletion for another user to commit.`,
  async run(args, terminal, { openServices }) {
    const { positionals, values } = readArguments(args, {
      file: { type: 'string' },
      catalog: { type: 'string' },
      'exit-code': { type: 'boolean', default: false },
      'allow-drops': { type: 'boolean', default: false },
      'allow-removals': { type: 'boolean', default: false },
      'allow-upgrade': { type: 'boolean', default: false },
      propose: { type: 'string' },
      note: { type: 'string' },
      location: { type: 'string' },
      folder: { type: 'string' },
      json: { type: 'boolean', default: false },
      overwrite: { type: 'boolean', default: false },
      where: { type: 'string' },
      branch: { type: 'string' },
      yes: { type: 'boolean', default: false },
    })
    const [action, name, extra] = positionals
    if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
    if (
      action !== 'export' &&
      action !== 'create' &&
      action !== 'plan' &&
      action !== 'apply' &&
      action !== 'delete-rows'
    ) {
      throw new UsageError(
        action === undefined
          ? 'no action given: use export, create, plan, apply or delete-rows'
          : `unknown action "${action}": use export, create, plan, apply or delete-rows`,
      )
    }
    const { folder } = values
    if (folder === undefined && name === undefined) throw new UsageError('the table is missing: namespace.table')
    if (values['exit-code'] && action !== 'plan') throw new UsageError('--exit-code belongs to table plan')
    for (const flag of ['allow-drops', 'allow-removals', 'allow-upgrade'] as const) {
      if (values[flag] && action !== 'apply') throw new UsageError(`--${flag} belongs to table apply`)
    }
    if (values.propose !== undefined && action !== 'apply' && action !== 'delete-rows')
      throw new UsageError('--propose belongs to table apply and table delete-rows')
    for (const flag of ['where', 'branch', 'yes'] as const) {
      if (action !== 'delete-rows' && values[flag] !== undefined && values[flag] !== false)
        throw new UsageError(`--${flag} belongs to table delete-rows`)
    }
    if (values.location !== undefined && action !== 'create') throw new UsageError('--location belongs to table create')
    if (values.note !== undefined && values.propose === undefined) throw new UsageError('--note belongs to --propose')
    if (values.overwrite && (action !== 'export' || folder === undefined))
      throw new UsageError('--overwrite belongs to table export with --folder')
    const proposal = values.propose === undefined ? null : parseProposal(values.propose, values.note)
    if (values.json && folder === undefined) throw new UsageError('--json belongs to --folder')
    if (action === 'delete-rows') {
      const { where, branch = null, yes: isConfirmed } = values
      if (folder !== undefined || values.file !== undefined)
        throw new UsageError('table delete-rows has a table and --where, and no file')
      if (name === undefined) throw new UsageError('the table is missing: namespace.table')
      if (where === undefined) throw new UsageError('--where is missing: the filter of the rows to delete')
      if (isConfirmed && proposal !== null) throw new UsageError('--yes and --propose exclude each other')
      const services = await openServices()
      const identifier = parseTable(name, values.catalog ?? services.config.catalogName)
      return deleteTableRows(services, identifier, { where, branch, isConfirmed, proposal }, terminal)
    }
    if (folder !== undefined) {
      if (values.file !== undefined) throw new UsageError('--folder names the tables by its files')
      if (action === 'export') {
        if (name === undefined) throw new UsageError('the namespace is missing: table export <namespace> --folder')
        const namespace = parseNamespace(name)
        return exportNamespace(await openServices(), terminal, { namespace, folder, ...values })
      }
      if (action === 'create') throw new UsageError('--folder belongs to table export, table plan and table apply')
      if (name !== undefined) throw new UsageError('--folder names the tables by its files')
      return planOrApplyFolder(await openServices(), terminal, { action, folder, proposal, ...values })
    }
    if (name === undefined) throw new UsageError('the table is missing: namespace.table')
    const services = await openServices()
    const identifier = parseTable(name, values.catalog ?? services.config.catalogName)
    if (action === 'export') return exportTable(services, identifier, terminal)
    if (values.file === undefined) throw new UsageError('--file is missing: the file that describes the table')
    const declaration = await readDeclaration(values.file)
    if (action === 'create') {
      const request = {
        declaration: declarationToText(declaration),
        ...(values.location !== undefined && { location: values.location }),
      }
      const requested = { on: identifier, input: request }
      const created = await carryOut(services, createTableAction, requested, {
        actor: actorFor(COMMAND_LINE),
        signal: terminal.signal,
        requestId: null,
        idempotencyKey: newAuditId(),
      })
      terminal.printMessage(`Created ${name} (${created.auditId}).`)
      return 0
    }
    const { intents, warnings } = await planTable(services, identifier, declaration, terminal.signal)
    for (const intent of intents) terminal.print(`${intentSign(intent)} ${intentSentence(intent)}`)
    for (const warning of warnings) terminal.printMessage(`Note: ${warning}`)
    if (intents.length === 0) {
      terminal.printMessage(`${name} matches the file.`)
      return 0
    }
    if (action === 'plan') {
      for (const line of await describeReaders(services, identifier, intents, terminal.signal))
        terminal.printMessage(line)
      terminal.printMessage(`${formatQuantity(intents.length, 'change')}, not committed.`)
      return values['exit-code'] ? DIFFERS : 0
    }
    requireNoSecrets(intents)
    requireAllowed(intents, values)
    const context = { actor: actorFor(COMMAND_LINE), signal: terminal.signal, requestId: null }
    if (proposal !== null) {
      const { proposalId } = await propose(
        services,
        { kind: 'table', identifier },
        { action: { kind: 'change-table', intents: [...intents] }, ...proposal },
        context,
      )
      terminal.printMessage(`${formatQuantity(intents.length, 'change')}, proposed (${proposalId}), not committed.`)
      return 0
    }
    const { auditId } = await commitIntents(services, identifier, intents, {
      ...context,
      idempotencyKey: newAuditId(),
      // The flag stands for the typed name of what cannot be undone.
      ...(values['allow-upgrade'] && { confirmedName: entryLabel(identifier) }),
    })
    terminal.printMessage(`${formatQuantity(intents.length, 'change')}, committed as one commit (${auditId}).`)
    return 0
  },
}

async function exportTable(services: Services, identifier: TableIdentifier, terminal: Terminal): Promise<number> {
  const { text, omittedProperties } = await describeTableAsFile(services, identifier, terminal.signal)
  terminal.print(text)
  if (omittedProperties.length > 0) {
    terminal.printMessage(
      `Not exported, because they grant access: ${omittedProperties.join(', ')}. The file leaves them alone.`,
    )
  }
  return 0
}

/** @throws {UsageError} for texts that a proposal cannot have */
function parseProposal(title: string, note = ''): { title: string; note: string } {
  const text = proposalText.safeParse({ title, note })
  if (text.success) return text.data
  throw new UsageError('--propose is one line of 1 to 200 characters, and --note has up to 5000')
}
