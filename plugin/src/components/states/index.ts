export { Empty } from './Empty';
export { ErrorState, type Failure } from './ErrorState';
export { NoPermission } from './NoPermission';
export { Skeleton } from './Skeleton';
