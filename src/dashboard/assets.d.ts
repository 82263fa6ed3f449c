/** Style sheets are for Vite, which links them in index.html. */
declare module '*.css';
