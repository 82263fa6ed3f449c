/** Waves that a wall stops. */
export function BrandMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 28 24" width="28" height="24" aria-hidden="true">
      <path
        class="brand-waves"
        d="M1 6c3-3 6-3 9 0s5 3 6 0M1 12c3-3 6-3 9 0s5 3 6 0M1 18c3-3 6-3 9 0s5 3 6 0"
      />
      <path class="brand-wall" d="M20 2.5v19" />
      <path class="brand-lee" d="M25 10v8" />
    </svg>
  );
}
