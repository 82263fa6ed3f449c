import { get } from '../ask.ts';
import { wrkScene } from '../wrk-scene.ts';

/** What a browser sends, and what a mesh adds. */
const TWENTY = {
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en;q=0.8,de;q=0.6',
  Authorization: 'Bearer 6f1d0c3a9b4e48d7a2c5e8f0b7d94361a5c8e2f7',
  'Cache-Control': 'no-cache',
  Cookie: 'session=3c9f1e7a5b2d4c8e9a0b1d2f3e4c5a6b; theme=dark; consent=1; _lang=en',
  DNT: '1',
  Origin: 'https://school.example.com',
  Pragma: 'no-cache',
  Referer: 'https://school.example.com/students/4711?tab=courses',
  'Sec-Ch-Ua': '"Chromium";v="140", "Not A(Brand";v="24"',
  'Sec-Ch-Ua-Mobile': '?0',
  'Sec-Ch-Ua-Platform': '"Linux"',
  'Sec-Fetch-Dest': 'empty',
  'Sec-Fetch-Mode': 'cors',
  'Sec-Fetch-Site': 'same-origin',
  Traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
  'X-Requested-With': 'XMLHttpRequest',
  'X-Tenant': 'analytical-engine-academy',
};

export const twentyHeaders = wrkScene({
  name: 'twenty-headers',
  title: 'GET with twenty header fields',
  what: 'The same with the fields of a browser behind a mesh, about 1.2 kB.',
  load: get('/', TWENTY),
});
