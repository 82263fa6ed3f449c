import { join } from 'node:path';

/** What `make demo` runs: the programs, their ports and the variables that move those. */

/** Where a running demo keeps its data and how it can be reached; removed when it ends. */
export const demoFolder = process.env.DEMO_FOLDER || '.demo';

interface DemoPort {
  /** The environment variable that moves it. */
  variable: string;
  port: number;
}

export interface DemoProgram {
  name: string;
  args: readonly string[];
  ports: readonly DemoPort[];
  environment: Readonly<Record<string, string>>;
  /** Answers 200 when the program is ready. */
  readyUrl: string;
}

function portFrom(variable: string, fallback: number): DemoPort {
  const text = process.env[variable] ?? String(fallback);
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${variable} is "${text}"; a port number from 1 to 65535 is needed.`);
  }
  return { variable, port };
}

/** @throws Error when a port variable holds no port number. */
export function planDemo(): { programs: readonly DemoProgram[]; gatewayUrl: string; adminUrl: string } {
  const gateway = portFrom('GATEWAY_PORT', 8080);
  const admin = portFrom('ADMIN_PORT', 9901);
  const auth = portFrom('AUTH_PORT', 8081);
  const school = portFrom('SCHOOL_PORT', 8082);
  const schoolGrpc = portFrom('SCHOOL_GRPC_PORT', 9082);
  const student = portFrom('STUDENT_PORT', 8083);
  const at = ({ port }: DemoPort) => `http://127.0.0.1:${port}`;

  const service = (
    name: string,
    ports: readonly DemoPort[],
    extra: Record<string, string> = {},
  ): DemoProgram => ({
    name,
    args: [`services/${name}/main.ts`],
    ports,
    environment: {
      HOST: '127.0.0.1',
      PORT: String(ports[0]!.port),
      DATA_DIR: join(demoFolder, 'data', name),
      ...extra,
    },
    readyUrl: `${at(ports[0]!)}/health/ready`,
  });

  return {
    gatewayUrl: at(gateway),
    adminUrl: at(admin),
    programs: [
      service('auth', [auth]),
      service('school', [school, schoolGrpc], { GRPC_PORT: String(schoolGrpc.port) }),
      service('student', [student], { SCHOOL_GRPC_URL: at(schoolGrpc) }),
      {
        name: 'gateway',
        args: ['src/cli.ts', 'start', '-c', 'gateway.yaml'],
        ports: [gateway, admin],
        environment: {
          BREAKWATER_LISTEN: `127.0.0.1:${gateway.port}`,
          BREAKWATER_ADMIN_LISTEN: `127.0.0.1:${admin.port}`,
          AUTH_SERVICE_URL: at(auth),
          SCHOOL_SERVICE_URL: at(school),
          STUDENT_SERVICE_URL: at(student),
        },
        readyUrl: `${at(gateway)}/health/ready`,
      },
    ],
  };
}
