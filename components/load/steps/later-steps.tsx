'use client'
import type { ComponentProps } from 'react'
import { FormatStep } from '../format/format-step'
import { LandingStep } from '../landing/landing-step'
import { MappingStep } from '../mapping/mapping-step'
import { StepPage } from './step-page'

type LaterStepsProps = Pick<
  ComponentProps<typeof FormatStep>,
  'draft' | 'questions' | 'isReading' | 'awaited' | 'preview' | 'failedColumn'
> &
  Pick<ComponentProps<typeof MappingStep>, 'lines' | 'mapped' | 'haveFolders'> &
  Pick<ComponentProps<typeof LandingStep>, 'table' | 'detail' | 'branch' | 'sampled'> &
  Pick<ComponentProps<typeof StepPage>, 'pages'> & {
    previewError: Error | null
    /** Whether each of the three has something left to decide. */
    isOpen: readonly [boolean, boolean, boolean]
  }

/** The steps that follow the files. */
export function LaterSteps({
  draft,
  detail,
  branch,
  table,
  pages,
  preview,
  mapped,
  previewError,
  failedColumn,
  questions,
  lines,
  sampled,
  isReading,
  awaited,
  haveFolders,
  isOpen,
}: LaterStepsProps) {
  const isNarrow = pages.current !== null
  return (
    <>
      <StepPage number={2} pages={pages}>
        <FormatStep
          {...{ draft, questions, isReading, awaited, preview, failedColumn }}
          isOpen={isOpen[0]}
          problem={previewError}
        />
      </StepPage>
      {(mapped || isNarrow) && (
        <StepPage number={3} pages={pages}>
          <MappingStep
            {...{ draft, lines, isReading, sampled, mapped, haveFolders }}
            isOpen={isOpen[1]}
            isLastRead={previewError !== null}
          />
        </StepPage>
      )}
      {/* After the steps above it have their height. */}
      {(preview || previewError || isNarrow) && (
        <StepPage number={4} pages={pages}>
          <LandingStep {...{ table, draft, detail, branch, sampled }} isOpen={isOpen[2]} />
        </StepPage>
      )}
    </>
  )
}
