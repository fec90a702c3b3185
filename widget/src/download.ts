// Hands a text to the person as a file, made on the device.

/** How long a slow phone may take to save the file before its address ends. */
const REVOKE_AFTER = 60_000;

export function download(name: string, type: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_AFTER);
}
