'use client'
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { loadCode } from '@/components/ui/controls/load-code'
import { AppError } from '@/lib/errors'
import classes from './export-menu.module.css'
import type { ExportFormat, ExportSource } from './export-result'

/** Saves the rows of a result as a file. */
export function ExportMenu({
  source,
  isCut,
  onProblem,
}: {
  source: ExportSource
  /** The result has only the first rows. */
  isCut: boolean
  onProblem: (problem: AppError | null) => void
}) {
  const [isSaving, setIsSaving] = useState(false)
  const save = async (format: ExportFormat) => {
    setIsSaving(true)
    onProblem(null)
    try {
      const { saveResult } = await loadCode(() => import('./export-result'))
      await saveResult(format, source)
    } catch (error) {
      onProblem(error instanceof AppError ? error : new AppError('internal', String(error), { cause: error }))
    } finally {
      setIsSaving(false)
    }
  }
  return (
    <LazyMenu
      button={
        <Button
          variant="default"
          leftSection={<IconDownload size={15} stroke={1.6} aria-hidden />}
          disabled={isSaving}
          className={classes.button}
        >
          Export
        </Button>
      }
      load={loadFormats}
      menuProps={{ rowCount: source.rowCount, isCut, onChoose: (format: ExportFormat) => void save(format) }}
    />
  )
}

async function loadFormats() {
  return (await import('./export-formats')).ExportFormats
}
