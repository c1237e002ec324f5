'use client'
import { Autocomplete, Button } from '@mantine/core'
import { IconTablePlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { useKnownNamespaces } from '@/components/shell/use-known-namespaces'
import { parseNamespace } from '@/components/table/lifecycle/parse-namespace'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useSettled } from '@/components/ui/use-settled'
import { catalogsQuery } from '@/lib/client/catalogs'
import { useCreateNamespace } from '@/lib/client/lifecycle/namespaces'
import { namespaceExistsQuery, namespacesQuery } from '@/lib/client/namespaces'
import { useHasPermission } from '@/lib/client/session/permissions'
import { formatCount } from '@/lib/format/count'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './choose-table.module.css'

/** For the first table of a lake that has no namespace. */
const FIRST_NAMESPACE = 'data'

/** Leads to the form of a new table with the columns of the first file, in a namespace that is created if it is new. */
export function NewTableTarget({
  parent,
  firstName,
  fileCount,
}: {
  parent: { catalog: string; namespace: Namespace } | null
  firstName: string
  fileCount: number
}) {
  const router = useRouter()
  const form = useNamespaceForm(parent)
  const { catalog, namespace, isNew, reason } = form
  const create = useCreateNamespace(catalog)
  const open = () => router.push(paths.newTableFromFile(catalog, namespace))
  const isReady = isNew !== null && reason === null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isReady) return
    if (isNew) create.mutate(namespace, { onSuccess: open })
    else open()
  }
  return (
    <form className={classes.target} aria-label="A new table" onSubmit={submit}>
      <h3 className="heading">A new table</h3>
      {form.catalogs.length > 1 && (
        <LazySelect
          label="Catalog"
          data={form.catalogs}
          value={catalog}
          allowDeselect={false}
          onChange={(value) => value !== null && form.setCatalog(value)}
        />
      )}
      <Autocomplete
        label="Namespace"
        description={
          isNew === true
            ? 'It does not exist yet: it is created at once, before its table.'
            : 'Dots separate levels. A new one is created.'
        }
        error={reason}
        data={form.suggestions}
        value={form.text}
        onChange={form.setText}
        limit={50}
        spellCheck={false}
      />
      {create.error && <ProblemNote error={create.error} title="The namespace was not created" />}
      <div className="row wrap gap-10">
        <Button
          type="submit"
          disabled={!isReady}
          loading={create.isPending}
          leftSection={<IconTablePlus size={15} stroke={1.6} aria-hidden />}
        >
          {isNew === true ? 'Create namespace, choose columns' : 'Choose its columns'}
        </Button>
        <span className="secondary small breakable">
          from {firstName}
          {fileCount > 1 && `, the first of ${formatCount(fileCount)} files; all of them are loaded`}
        </span>
      </div>
    </form>
  )
}

/** `isNew` is null while it is not known; `reason` says why no table can be created there. */
function useNamespaceForm(parent: { catalog: string; namespace: Namespace } | null) {
  const { data: entries = [] } = useQuery(catalogsQuery())
  const catalogs = entries.filter(({ kind }) => kind !== 'files').map(({ name }) => name)
  const [chosenCatalog, setCatalog] = useState(parent?.catalog ?? null)
  const catalog = chosenCatalog ?? catalogs[0] ?? ''
  const [typed, setText] = useState(parent === null ? null : namespaceLabel(parent.namespace))
  const all = useQuery({ ...namespacesQuery(catalog, null), enabled: catalog !== '' })
  const { namespaces: roots } = useKnownNamespaces(
    { catalog, parent: null },
    { typed: typed ?? '', enabled: catalog !== '' },
  )
  const text = typed ?? suggestNamespace(all.data?.namespaces.map(({ namespace }) => namespace))
  const upper = text.split('.').slice(0, -1)
  const mayHaveUpper = catalog !== '' && upper.length > 0 && !upper.includes('')
  const upperExists = useQuery({ ...namespaceExistsQuery(catalog, upper), enabled: mayHaveUpper })
  const { namespaces: below } = useKnownNamespaces(
    { catalog, parent: upper },
    { typed: text.split('.').at(-1) ?? '', enabled: mayHaveUpper && upperExists.data === true },
  )
  const known = [...(parent?.catalog === catalog ? [parent.namespace] : []), ...roots, ...below]
  const namespace = parseNamespace(text, known)
  const settled = useSettled(JSON.stringify([catalog, namespace]))
  const isNamed = catalog !== '' && namespace.every((level) => level !== '')
  const isSettled = settled === JSON.stringify([catalog, namespace])
  const found = useQuery({ ...namespaceExistsQuery(catalog, namespace), enabled: isNamed && isSettled })
  const canWrite = useHasPermission('table:write', { catalog, namespace })
  return {
    catalogs,
    catalog,
    setCatalog,
    text,
    setText,
    // The list would cover the button, and say nothing new.
    suggestions: [...new Set(known.map(namespaceLabel))].filter((label) => label !== text),
    namespace,
    isNew: isNamed && isSettled && canWrite === true && found.data !== undefined ? !found.data : null,
    reason:
      isNamed && canWrite === false
        ? `You may not create tables in ${namespaceLabel(namespace)}: it needs the editor role there.`
        : (found.error?.message ?? null),
  }
}

/** The only namespace, or a name for the first one. */
function suggestNamespace(namespaces: readonly Namespace[] | undefined): string {
  if (namespaces === undefined || namespaces.length > 1) return ''
  return namespaceLabel(namespaces[0] ?? [FIRST_NAMESPACE])
}
