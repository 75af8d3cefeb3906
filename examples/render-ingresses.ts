/** Renders a line for each ingress, again whenever ingresses or services change. */

import { createRuntime, watched } from '@firn/runtime';
import { KubeConfig } from '@kubernetes/client-node';

const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();

const ingresses = watched('networking.k8s.io/v1/ingresses', { onChange: render });
const services = watched('v1/services', { onChange: render });
const runtime = createRuntime({ kubeConfig, resources: { ingresses, services } });

function render(): void {
  const now = runtime.snapshot(); // all stores at one instant, frozen, free
  for (const { metadata, spec } of now.ingresses) {
    const name = spec?.rules?.[0]?.http?.paths[0]?.backend.service?.name ?? '';
    const [service] = now.services.get(metadata?.namespace ?? '', name);
    console.log(`${metadata?.name} -> ${service?.spec?.ports?.[0]?.port ?? 'no such service'}`);
  }
}

runtime.start();
await runtime.ready({ timeout: '30s' });
