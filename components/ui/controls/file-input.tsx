import type { Ref } from 'react'

/** An event of the browser or of React. */
export type FileDrag = { dataTransfer: DataTransfer | null; preventDefault: () => void }

/** For `onDragOver` of an element that takes files. */
export function allowFileDrop(event: FileDrag): void {
  if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
}

/** For `onDrop` of an element that takes files. */
export function takeDroppedFiles(event: FileDrag, onFiles: (files: File[]) => void): void {
  const files = [...(event.dataTransfer?.files ?? [])]
  if (files.length === 0) return
  event.preventDefault()
  onFiles(files)
}

/** The file dialog of the browser: a click on the element of `ref` opens it. */
export function FileInput({
  ref,
  label,
  accept,
  onFiles,
}: {
  ref: Ref<HTMLInputElement>
  label: string
  /** Extensions of the offered files. */
  accept?: string
  onFiles: (files: File[]) => void
}) {
  return (
    <input
      ref={ref}
      type="file"
      {...(accept !== undefined && { accept })}
      multiple
      hidden
      aria-label={label}
      onChange={({ currentTarget }) => {
        onFiles([...(currentTarget.files ?? [])])
        // The same file can be chosen again after it was changed.
        currentTarget.value = ''
      }}
    />
  )
}
