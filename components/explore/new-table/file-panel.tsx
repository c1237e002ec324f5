'use client'
import { Button } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react'
import { CsvFields } from '@/components/about/csv/csv-fields'
import { InputProblem } from '@/components/about/csv/input-problem'
import { OtherReadings } from '@/components/about/csv/other-readings'
import { ReadingQuestions } from '@/components/about/csv/reading-questions'
import { allowFileDrop, FileInput, takeDroppedFiles } from '@/components/ui/controls/file-input'
import { Panel } from '@/components/ui/panel'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { useSingleMutation } from '@/lib/client/call/use-single-mutation'
import { handOverLoad } from '@/lib/client/jobs/handed-over-load'
import { openDroppedFile } from '@/lib/client/table/dropped-files'
import { aimHeldFiles, type HeldFile, holdInstead, useHeldFiles } from '@/lib/client/uploads/held-files'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { type CsvQuestion, type CsvReading, type ReadingKind, kindsOf } from '@/lib/ingest/readings/csv-question'
import { joinNamespace } from '@/lib/names/identifiers'
import { ARROW_FILE, AVRO_FILE, readArrowAsTable, readAvroAsTable } from './from-file/declared-as-table'
import { readFileAsTable } from './from-file/file-as-table'
import { mappingOfDraft } from './from-file/mapping-of-draft'
import type { Filling, SourcePanelProps } from './filling'
import classes from './new-table.module.css'
import { JSON_FILE, type ReadCsv, readCsvAsTable, readJsonAsTable } from './from-file/text-as-table'

const PARQUET_FILE = /\.(parquet|parq)$/i

/** A CSV file, how it is read, and the kinds of values whose form the user has chosen. */
type ChosenCsv = { held: HeldFile; options: CsvOptions; answered: readonly ReadingKind[] }

/**
 * How the held file was read last, and the namespace whose form it has filled: after a walk to another page nothing is
 * asked again, and nothing that was changed in the form is lost.
 */
let lastRead: { fileId: number; reading: CsvReading | null; filledIn: string } | null = null

/** Takes the columns of the first of the user's files, to be approved in the form. The load of the files follows. */
export function FilePanel({ catalog, namespace, onFill, onUnread }: SourcePanelProps) {
  const timeZone = useTimeZone()
  const input = useRef<HTMLInputElement>(null)
  const heldFiles = useHeldFiles()
  const [first] = heldFiles
  const [csv, setCsv] = useState<ChosenCsv | null>(() =>
    first && !isOfOtherFormat(first.file) ? toChosen(first) : null,
  )
  const [refusal, setRefusal] = useState<AppError | null>(null)
  /** The questions about a CSV file, also while it is read with other options. */
  const [fileQuestions, setFileQuestions] = useState<
    ({ fileId: number } & Pick<ReadCsv, 'questions' | 'otherEncoding'>) | null
  >(null)
  /** The file that has filled the form. */
  const [filledId, setFilledId] = useState<number | null>(null)
  /** Reads of earlier options may end later. */
  const latest = useRef<ChosenCsv | null>(null)
  const latestId = useRef<number | null>(null)
  const formKey = `${catalog} ${joinNamespace(namespace)}`

  const fill = (held: HeldFile, filling: Filling, reading: CsvReading | null) => {
    const isRepeated =
      lastRead?.fileId === held.id && lastRead.filledIn === formKey && isSameReading(lastRead.reading, reading)
    lastRead = { fileId: held.id, reading, filledIn: formKey }
    setFilledId(held.id)
    onFill({
      ...filling,
      isRepeated,
      next: {
        fileCount: heldFiles.length,
        handOver: (table, made) => {
          const lostFields = (filling.omitted ?? []).map(({ name }) => name)
          handOverLoad(table, { reading, mapping: mappingOfDraft(filling.draft, made, lostFields) })
          aimHeldFiles(table)
        },
      },
    })
  }
  const readCsv = useSingleMutation({
    mutationFn: async (chosen: ChosenCsv) => ({ chosen, ...(await readCsvAsTable(chosen.held.file, chosen.options)) }),
    onSuccess: ({ chosen, filling, questions, otherEncoding }) => {
      const { held, options, answered } = chosen
      if (latest.current === chosen) setFileQuestions({ fileId: held.id, questions, otherEncoding })
      // The form gets columns only when every value has one meaning.
      if (latest.current === chosen && openQuestions(questions, chosen).length === 0)
        fill(held, filling, { csv: options, answered })
    },
    onError: (_error, chosen) => setFileQuestions({ fileId: chosen.held.id, questions: [], otherEncoding: null }),
  })
  const read = useSingleMutation({
    mutationFn: async (held: HeldFile) => ({ held, filling: await readAsTable(held.file, timeZone) }),
    onSuccess: ({ held, filling }) => {
      if (latestId.current === held.id) fill(held, filling, null)
    },
  })
  // A held file is read as soon as the panel is there.
  const isReading = read.isPending || readCsv.isPending || (first !== undefined && read.isIdle && readCsv.isIdle)
  // Its fields are drawn when it is known which of them are questions, so that none moves.
  const areQuestionsKnown = csv !== null && fileQuestions?.fileId === csv.held.id
  const unanswered = areQuestionsKnown ? openQuestions(fileQuestions.questions, csv) : []
  const isFilled = first === undefined || (filledId === first.id && unanswered.length === 0)
  const isUnread = isReading || !isFilled || read.error !== null || readCsv.error !== null
  const reportUnread = useEffectEvent(onUnread)
  useLayoutEffect(() => reportUnread(isUnread), [isUnread])
  const chooseCsv = (chosen: ChosenCsv) => {
    onUnread(true)
    setCsv(chosen)
    latest.current = chosen
    read.reset()
    readCsv.mutate(chosen)
  }
  const take = (held: HeldFile) => {
    setRefusal(null)
    latestId.current = held.id
    if (isOfOtherFormat(held.file)) {
      setCsv(null)
      latest.current = null
      readCsv.reset()
      onUnread(true)
      read.mutate(held)
      return
    }
    chooseCsv(toChosen(held))
  }
  const open = (files: readonly File[]) => {
    if (files.length === 0) return
    try {
      const [held] = holdInstead(files)
      if (held) take(held)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      setRefusal(error)
    }
  }
  const readHeld = useEffectEvent(() => {
    if (!first) return
    latestId.current = first.id
    latest.current = csv
    if (csv === null) read.mutate(first)
    else readCsv.mutate(csv)
  })
  useEffect(() => readHeld(), [])
  const changeCsv = (change: Partial<CsvOptions>) => {
    if (csv === null) return
    const { held, options, answered } = csv
    chooseCsv({ held, options: { ...options, ...change }, answered: [...answered, ...kindsOf(change)] })
  }
  const error = refusal ?? read.error ?? readCsv.error
  return (
    <Panel title="From a file" subtitle={describeFiles(heldFiles)}>
      <div className={classes.paste} onDragOver={allowFileDrop} onDrop={(event) => takeDroppedFiles(event, open)}>
        <div className={classes.row}>
          <Button
            variant="default"
            loading={read.isPending || readCsv.isPending}
            leftSection={<IconFolderOpen size={15} stroke={1.6} aria-hidden />}
            onClick={() => input.current?.click()}
          >
            {first ? 'Open other files…' : 'Open files…'}
          </Button>
          <FileInput ref={input} label="Files of your disk" onFiles={open} />
          <span className={classes.quiet}>
            or drop them here. They stay in this browser until you create the table, and are loaded next. Parquet, Avro
            and Arrow have types of their own; those of CSV and JSON are guessed from the first rows.
          </span>
        </div>
        {areQuestionsKnown && (
          <div className="flow gap-10" role="group" aria-label={`How ${csv.held.file.name} is written`}>
            <CsvFields csv={csv.options} unanswered={unanswered.map(({ kind }) => kind)} onChange={changeCsv} />
          </div>
        )}
        {areQuestionsKnown && fileQuestions.otherEncoding !== null && (
          <OtherReadings readings={[{ kind: 'encoding', encoding: fileQuestions.otherEncoding }]} onCsv={changeCsv} />
        )}
        <ReadingQuestions questions={unanswered} onAnswer={changeCsv} />
        {error && (
          <InputProblem error={error} title="The file was not read" onEncoding={areQuestionsKnown ? changeCsv : null} />
        )}
      </div>
    </Panel>
  )
}

/** As it was read before, if it was. */
function toChosen(held: HeldFile): ChosenCsv {
  const known = lastRead?.fileId === held.id ? lastRead.reading : null
  return { held, options: known?.csv ?? CSV_DEFAULTS, answered: known?.answered ?? [] }
}

function describeFiles([first, ...others]: readonly HeldFile[]): string {
  if (!first) return ''
  return others.length === 0
    ? first.file.name
    : `${first.file.name}, the first of ${formatCount(others.length + 1)} files`
}

/** Names that say nothing are mostly those of delimited texts, as in a load. */
function isOfOtherFormat({ name }: File): boolean {
  return [JSON_FILE, AVRO_FILE, ARROW_FILE, PARQUET_FILE].some((pattern) => pattern.test(name))
}

async function readAsTable(chosen: File, timeZone: string): Promise<Filling> {
  if (JSON_FILE.test(chosen.name)) return readJsonAsTable(chosen)
  if (AVRO_FILE.test(chosen.name)) return readAvroAsTable(chosen)
  if (ARROW_FILE.test(chosen.name)) return readArrowAsTable(chosen)
  // Parquet files stay open: Query offers them, too.
  const { file } = await openDroppedFile(chosen)
  return readFileAsTable(file, timeZone)
}

function openQuestions(questions: readonly CsvQuestion[], { answered }: Pick<ChosenCsv, 'answered'>): CsvQuestion[] {
  return questions.filter(({ kind }) => !answered.includes(kind))
}

function isSameReading(one: CsvReading | null, other: CsvReading | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
