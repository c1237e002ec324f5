'use client'
import { Button } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { type DragEvent, useRef, useState } from 'react'
import { CsvFields } from '@/components/about/csv/csv-fields'
import { ReadingQuestions } from '@/components/about/csv/reading-questions'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Panel } from '@/components/ui/panel'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { useSingleMutation } from '@/lib/client/call/use-single-mutation'
import { openDroppedFile } from '@/lib/client/table/dropped-files'
import { AppError } from '@/lib/errors'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { type CsvQuestion, type ReadingKind, kindsOf } from '@/lib/ingest/readings/csv-question'
import { ARROW_FILE, AVRO_FILE, readArrowAsTable, readAvroAsTable } from './from-file/declared-as-table'
import { readFileAsTable } from './from-file/file-as-table'
import type { Filling, SourcePanelProps } from './filling'
import classes from './new-table.module.css'
import { isCsvFile, readCsvAsTable, readJsonAsTable, TEXT_FILE } from './from-file/text-as-table'

/** A CSV file, how it is read, and the kinds of values whose form the user has chosen. */
type ChosenCsv = { file: File; options: CsvOptions; answered: readonly ReadingKind[] }

/** Takes the columns of a file of the user's disk, to be approved in the form. */
export function FilePanel({ onFill }: SourcePanelProps) {
  const timeZone = useTimeZone()
  const input = useRef<HTMLInputElement>(null)
  const [csv, setCsv] = useState<ChosenCsv | null>(null)
  /** Reads of earlier options may end later. */
  const latest = useRef<ChosenCsv | null>(null)
  const readCsv = useSingleMutation({
    mutationFn: async (chosen: ChosenCsv) => ({ chosen, ...(await readCsvAsTable(chosen.file, chosen.options)) }),
    onSuccess: ({ chosen, filling, questions }) => {
      // The form gets columns only when every value has one meaning.
      if (latest.current === chosen && openQuestions(questions, chosen).length === 0)
        onFill({ ...filling, loadReading: { csv: chosen.options, answered: chosen.answered } })
    },
  })
  const read = useSingleMutation({
    mutationFn: async (chosen: File): Promise<Filling> => {
      if (TEXT_FILE.test(chosen.name)) return readJsonAsTable(chosen)
      if (AVRO_FILE.test(chosen.name)) return readAvroAsTable(chosen)
      if (ARROW_FILE.test(chosen.name)) return readArrowAsTable(chosen)
      if (/\.(zst|zstd)$/i.test(chosen.name)) throw zstdError(chosen.name)
      // Parquet files stay open: Query offers them, too.
      const { file } = await openDroppedFile(chosen)
      return { ...(await readFileAsTable(file, timeZone)), loadFile: chosen.name }
    },
    onSuccess: onFill,
  })
  const open = (files: FileList | null) => {
    const [first] = files ?? []
    if (!first) return
    if (isCsvFile(first)) chooseCsv({ file: first, options: CSV_DEFAULTS, answered: [] })
    else {
      setCsv(null)
      latest.current = null
      readCsv.reset()
      read.mutate(first)
    }
  }
  const chooseCsv = (chosen: ChosenCsv) => {
    setCsv(chosen)
    latest.current = chosen
    read.reset()
    readCsv.mutate(chosen)
  }
  const changeCsv = (change: Partial<CsvOptions>) => {
    if (csv === null) return
    const { file, options, answered } = csv
    chooseCsv({ file, options: { ...options, ...change }, answered: [...answered, ...kindsOf(change)] })
  }
  const unanswered = csv === null ? [] : openQuestions(readCsv.data?.questions ?? [], csv)
  const error = read.error ?? readCsv.error
  const chosenFile = csv?.file ?? read.variables
  const drop = {
    onDragOver: (event: DragEvent) => {
      if (event.dataTransfer.types.includes('Files')) event.preventDefault()
    },
    onDrop: (event: DragEvent) => {
      if (event.dataTransfer.files.length === 0) return
      event.preventDefault()
      open(event.dataTransfer.files)
    },
  }
  return (
    <Panel
      title="From a file"
      subtitle={`${chosenFile ? `${chosenFile.name} ` : ''}stays in this browser; never uploaded`}
    >
      <div className={classes.paste} {...drop}>
        <div className={classes.row}>
          <Button
            variant="default"
            loading={read.isPending || readCsv.isPending}
            leftSection={<IconFolderOpen size={15} stroke={1.6} aria-hidden />}
            onClick={() => input.current?.click()}
          >
            Open a file…
          </Button>
          <input
            ref={input}
            type="file"
            accept=".parquet,.parq,.avro,.arrow,.arrows,.feather,.ipc,.csv,.tsv,.ndjson,.jsonl,.json,.gz"
            hidden
            aria-label="File of your disk"
            onChange={({ currentTarget }) => {
              open(currentTarget.files)
              // The same file can be chosen again after it was changed.
              currentTarget.value = ''
            }}
          />
          <span className={classes.quiet}>
            or drop it here. Parquet, Avro and Arrow have types of their own; those of CSV and JSON are guessed from the
            first rows. Loading its rows is another step.
          </span>
        </div>
        {csv !== null && (
          <div className="flow gap-10" role="group" aria-label={`How ${csv.file.name} is written`}>
            <CsvFields csv={csv.options} unanswered={unanswered.map(({ kind }) => kind)} onChange={changeCsv} />
          </div>
        )}
        <ReadingQuestions questions={unanswered} onAnswer={changeCsv} />
        {error && (
          <ProblemNote
            error={error}
            title="The file was not read"
            {...(isDamaged(error) && { next: 'Correct the file, choose how it is written, or choose another one.' })}
          />
        )}
      </div>
    </Panel>
  )
}

function openQuestions(questions: readonly CsvQuestion[], { answered }: Pick<ChosenCsv, 'answered'>): CsvQuestion[] {
  return questions.filter(({ kind }) => !answered.includes(kind))
}

function zstdError(name: string): AppError {
  return new AppError(
    'not-supported',
    `${name} is compressed by zstd, which browsers do not read. Choose the file before it was compressed, or a .gz.`,
  )
}

/** The usual advice for damaged files is a rollback, but the table does not exist yet. */
function isDamaged(error: Error): boolean {
  return error instanceof AppError && (error.code === 'file-damaged' || error.code === 'file-missing')
}
