package io.cairn.core.sim;

import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverContext;
import io.cairn.core.driver.DriverProvider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Found by the service loader, which can hand it nothing: the setting {@code simulated.world} names the world to use. */
public final class SimulatedDriverProvider implements DriverProvider {
    private static final Map<String, World> WORLDS = new ConcurrentHashMap<>();

    public static void offer(String name, World world) {
        WORLDS.put(name, world);
    }

    public static void withdraw(String name) {
        WORLDS.remove(name);
    }

    @Override
    public String name() {
        return SimulatedDriver.NAME;
    }

    @Override
    public Driver open(DriverContext context) {
        return new SimulatedDriver(WORLDS.get(context.setting("simulated.world")), Points.counting());
    }
}
