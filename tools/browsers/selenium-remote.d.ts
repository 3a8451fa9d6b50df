// The declarations of selenium-webdriver know this file by another name than Node does.
declare module "selenium-webdriver/remote/index.js" {
  export namespace DriverService {
    class Builder {
      constructor(program: string);
      setLoopback(loopback: boolean): this;
      build(): { start(): Promise<string>; kill(): Promise<void> };
    }
  }
}
