import { useState } from 'preact/hooks';

/** Copies, and says whether it did: over plain HTTP from another machine browsers give no clipboard. */
export function CopyButton({ text }: { readonly text: string }) {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied.');
    } catch {
      setSaid('This browser does not let the page copy; GET /config gives the same.');
    }
  };
  return (
    <p class="copy">
      <button type="button" class="button" onClick={() => void copy()}>
        Copy as JSON
      </button>
      <span role="status">{said}</span>
    </p>
  );
}
