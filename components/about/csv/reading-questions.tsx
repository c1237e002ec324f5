'use client'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { questionLabel, questionSentence, readingLabel } from '@/lib/ingest/readings/question-text'
import type { CsvQuestion, ReadingOptions } from '@/lib/ingest/readings/csv-question'
import classes from './csv.module.css'

/** Asks how values of a file are to be read. No answer is chosen in advance. */
export function ReadingQuestions({
  questions,
  onAnswer,
}: {
  questions: readonly CsvQuestion[]
  onAnswer: (options: ReadingOptions) => void
}) {
  return questions.map((question) => (
    <div key={question.kind} className={classes.question} role="group" aria-label={questionLabel(question)}>
      <WarningNote isLive>The file can be read in more than one way. {questionSentence(question)}</WarningNote>
      <LazySelect
        label={questionLabel(question)}
        placeholder="Choose"
        data={question.readings.map((reading, i) => ({ value: String(i), label: readingLabel(question, reading) }))}
        value={null}
        required
        onChange={(value) => {
          const chosen = value === null ? undefined : question.readings[Number(value)]
          if (chosen) onAnswer(chosen.options)
        }}
        w={340}
      />
    </div>
  ))
}
