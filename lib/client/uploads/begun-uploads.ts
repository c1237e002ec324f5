/** Whether this browser tab has uploaded anything, for pages that do not need the code of uploads otherwise. */
let begun = false

export function noteUploads(): void {
  begun = true
}

export function haveUploadsBegun(): boolean {
  return begun
}
