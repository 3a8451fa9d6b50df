// The declarations of selenium-webdriver use another name for this file than Node does.
declare module "selenium-webdriver/remote/index.js" {
  export namespace DriverService {
    class Builder {
      constructor(program: string);
      setLoopback(loopback: boolean): this;
      build(): { start(): Promise<string>; kill(): Promise<void> };
    }
  }
}
