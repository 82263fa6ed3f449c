/** Before the first message: the page's shape, so that nothing jumps when it comes. */
export function StartingPage({ lost }: { readonly lost: boolean }) {
  return (
    <div class="starting" aria-busy={!lost}>
      <h1 class="starting-title">{lost ? 'Nothing heard from the gateway yet' : 'Asking the gateway…'}</h1>
      <div class="card-grid" aria-hidden="true">
        <div class="card ghost" />
        <div class="card ghost" />
        <div class="card ghost" />
      </div>
    </div>
  );
}
